// A slower disk: `node --import slow-disk.js?ms=1 …` makes each fdatasync of the process take that much longer.
import { fdatasync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { setTimeout as pass } from 'node:timers/promises'
import { promisify } from 'node:util'

const ms = Number(new URL(import.meta.url).searchParams.get('ms'))
const file = await open('.')
const prototype: FileHandle = Object.getPrototypeOf(file)
await file.close()
const syncData = promisify(fdatasync)

prototype.datasync = async function slower(): Promise<void> {
  await syncData(this.fd)
  await pass(ms)
}
