import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export interface NodeRun {
  readonly version: string
  readonly seconds: number
  /** One line of JSON for each log. */
  readonly output: string
}

const main = fileURLToPath(new URL('../../dist/everywhere/node-main.js', import.meta.url))
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/** All logs, from a process of its own: of this Node, or of a version that npm brings along. */
export async function logsOfNode(version?: string): Promise<NodeRun> {
  const { stdout, stderr } = await (version === undefined ? execute(process.execPath, [main]) : npmExec(version, main))
  // npm may have warnings of its own before it.
  const ran: Pick<NodeRun, 'version' | 'seconds'> = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')
  return { ...ran, output: stdout }
}

/** Fetches it if npm does not have it yet. Answers why it cannot be had, or with nothing. */
export async function missing(version: string): Promise<string | undefined> {
  try {
    await npmExec(version, '--version')
    return undefined
  } catch (error) {
    return String(error)
  }
}

function npmExec(version: string, argument: string): ReturnType<typeof execute> {
  return execute('npm', ['exec', '--yes', `--package=${packageOf(version)}`, '--', 'node', argument])
}

/** The package that has nothing but the binary; `node` itself would fetch it with an install script. */
function packageOf(version: string): string {
  return `node-${process.platform}-${process.arch}@${version}`
}

async function execute(
  command: string,
  args: readonly string[],
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(command, args, { maxBuffer: OUTPUT_BYTES_MAX })
}
