/** Directories with one planted fault each, caught by the case that it names: what EPMDs get wrong. */
import { plantedFault } from '@switchyard/conformance/portable'
import type { PlantedFault } from '@switchyard/conformance/portable'

export const FAULTS: readonly PlantedFault[] = [
  plantedFault('length-counts-itself', 'the length counts its own two bytes', 'D2.1-registered', 'epmd.ts', [
    'const end = LENGTH_BYTES + length',
    'const end = length',
  ]),
  plantedFault('long-requests-taken', 'a request of any length is waited for', 'D1.2-length-3058', 'epmd.ts', [
    'length > REQUEST_BYTES_MAX',
    'length > 65_535',
  ]),
  plantedFault('one-byte-too-few', 'the longest request is refused', 'D1.2-length-3057', 'epmd.ts', [
    'length > REQUEST_BYTES_MAX',
    'length >= REQUEST_BYTES_MAX',
  ]),
  plantedFault(
    'cut-is-forgotten',
    'of a request that is cut only the latest part is kept',
    'D1.3-cut-anywhere',
    'epmd.ts',
    ['client.request.length === 0 ? chunk : concat(client.request, chunk)', 'chunk'],
  ),
  plantedFault('answered-and-open', 'whoever asked stays connected', 'D1.1-length-counts', 'epmd.ts', [
    'if (client.name === undefined || bytes.length > end) this.#close(id, out)',
    'if (bytes.length > end) this.#close(id, out)',
  ]),
  plantedFault('never-idle', 'nobody is idle', 'D1.7-idle-closed', 'epmd.ts', [
    "this.#close(id, out, 'idle')\n",
    'this.#deadlines.delete(id)\n',
  ]),
  plantedFault('part-is-forgiven', 'a part of a request is waited for, for ever', 'D1.7-idle-closed', 'epmd.ts', [
    'return this.#beginIdle(id, out)\n    }',
    'return void this.#deadlines.delete(id)\n    }',
  ]),
  plantedFault('registered-idle-too', 'a registered connection is idle too', 'D1.7-registered-stays', 'epmd.ts', [
    '    this.#deadlines.delete(id)\n    this.#registrations.set',
    '    this.#registrations.set',
  ]),
  plantedFault('name-outlives-its-node', 'a name is never free', 'D2.3-free-after-fin', 'epmd.ts', [
    'if (name !== undefined) this.#registrations.delete(name)',
    '',
  ]),
  plantedFault('latest-has-the-name', 'the latest registration has the name', 'D2.4-taken-refused', 'epmd.ts', [
    'if (this.#registrations.has(node.name)) return',
    'if (this.#registrations.size < 0) return',
  ]),
  plantedFault('creation-always-long', 'the creation always has four bytes', 'D2.2-creation-size', 'codec.ts', [
    'if (highestVersion < LONG_CREATION_VERSION) return',
    'if (highestVersion < 0) return',
  ]),
  plantedFault('creation-stands', 'each life has the same creation', 'D2.8-creation-rises', 'epmd.ts', [
    ' : this.#creation + 1',
    ' : this.#creation',
  ]),
  plantedFault(
    'short-creation-of-one',
    'the short creation is the same each time',
    'D2.8-creation-of-two-bytes',
    'codec.ts',
    ['(creation % 3) + 1)', '1)'],
  ),
  plantedFault('names-in-latin-1', 'a name need not be UTF-8', 'D2.5-name-not-utf8', 'codec.ts', [
    'fatal: true',
    'fatal: false',
  ]),
  plantedFault('characters-are-units', 'a name is measured in UTF-16', 'D2.5-longest-name', 'codec.ts', [
    'Array.from(name).length <=',
    'name.length <=',
  ]),
  plantedFault('any-extra', 'an extra of any length is registered', 'D2.5-extra-of-1021', 'codec.ts', [
    ' || extraBytes > EXTRA_BYTES_MAX',
    '',
  ]),
  plantedFault('empty-names', 'a name may be empty', 'D2.6-empty-name', 'codec.ts', ['nameBytes.length === 0 || ', '']),
  plantedFault('nul-in-names', 'a name may have a NUL in it', 'D2.6-nul-in-name', 'codec.ts', [
    ' || nameBytes.includes(0)) return',
    ') return',
  ]),
  plantedFault(
    'registered-may-talk',
    'a registered client may send what it likes',
    'D2.7-byte-ends-registration',
    'epmd.ts',
    ['return this.#close(id, out) // D2.7', 'return'],
  ),
  plantedFault('found-without-an-extra', 'PORT_PLEASE2 gives back no extra', 'D3.1-port-gives-back', 'codec.ts', [
    'const description = request.slice(1, end)',
    'const description = request.slice(1, nameEnd + 2)',
  ]),
  plantedFault(
    'found-is-silent',
    'who asks for a name that nobody has is closed without an answer',
    'D3.2-not-found',
    'codec.ts',
    ['Uint8Array.of(PORT2_RESP, 1)', 'new Uint8Array(0)'],
  ),
  plantedFault('nul-is-part-of-it', 'a NUL behind a name is part of it', 'D3.3-one-nul-behind', 'codec.ts', [
    'request.at(-1) === 0 ? -1 : request.length',
    'request.length',
  ]),
  plantedFault('names-say-nothing-of-ports', 'NAMES has no ports', 'D3.4-names', 'epmd.ts', [
    '`name ${name} at port ${port}\\n`',
    '`name ${name}\\n`',
  ]),
  plantedFault('dump-without-owners', 'DUMP has the same fd for all', 'D3.5-dump', 'epmd.ts', [
    'fd = ${owner}',
    'fd = 3',
  ]),
  plantedFault('dump-without-a-nul', "DUMP's lines end with LF alone", 'D3.5-dump', 'epmd.ts', ['\\n\\0`', '\\n`']),
  plantedFault('anybody-may', 'clients of other machines may do what local ones may', 'D4.1-remote', 'epmd.ts', [
    'if (!client.local) return // D4.1',
    '',
  ]),
  plantedFault('kill-is-refused', 'KILL is always answered with NO', 'D4.2-kill-without-names', 'epmd.ts', [
    'onKill !== undefined && (relaxed || this.#registrations.size === 0)',
    'onKill === undefined',
  ]),
  plantedFault('relaxed-means-nothing', 'a relaxed server is not killed either', 'D4.2-kill-relaxed', 'epmd.ts', [
    '(relaxed || this.#registrations.size === 0)',
    'this.#registrations.size === 0',
  ]),
  plantedFault('kill-at-any-time', 'KILL needs no relaxed server', 'D4.2-kill-refused', 'epmd.ts', [
    '(relaxed || this.#registrations.size === 0)',
    'true',
  ]),
  plantedFault('stop-for-everybody', 'STOP needs no relaxed server', 'D4.3-stop-not-relaxed', 'epmd.ts', [
    'if (!this.#options.relaxed) return\n',
    '',
  ]),
  plantedFault('stop-says-so-only', 'STOP says that it stopped, and does not', 'D4.3-stop-frees', 'epmd.ts', [
    'if (registration) this.#close(registration.owner, out)',
    '',
  ]),
  plantedFault(
    'stop-of-nobody',
    'STOP of a name that nobody has says that it stopped',
    'D4.3-stop-of-nobody',
    'codec.ts',
    ["existed ? 'STOPPED' : 'NOEXIST'", "'STOPPED'"],
  ),
]
