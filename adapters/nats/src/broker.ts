import { credsAuthenticator, NatsConnectionImpl, setTransportFactory } from '@nats-io/transport-node'
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node'
import { nodeResolveHost } from '@nats-io/transport-node/lib/node_transport.js'
import { LeanTransport } from './lean-transport.ts'

/**
 * Why a node could not join, or may not stay. `broker-away`: no server is reached. `refused`: the server does not let it in.
 * `not-heard`: what it publishes does not come back. `number-taken`: another node serves under its number.
 */
export class JoinError extends Error {
  readonly code: 'broker-away' | 'refused' | 'not-heard' | 'number-taken'

  constructor(code: JoinError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'JoinError'
    this.code = code
  }
}

/** A user's name and password, or a token. */
export type Login = { readonly user: string; readonly pass: string } | { readonly token: string }

export interface BrokerOptions {
  /** `nats://host:port`, of one cluster of brokers. */
  readonly servers: readonly string[]
  readonly login?: Login
  /** The content of a credentials file, as `nsc` makes it. */
  readonly credentials?: string
  /** The path of a file with the certificates that may sign the server's: then only TLS will do. */
  readonly tlsCaFile?: string
}

/** How long a connection attempt may take, ms. */
const CONNECT_MS = 2_000

/** One connection, to whichever server answers; it does not connect again by itself. Rejects with JoinError. */
export async function connectTo(
  { servers, login, credentials, tlsCaFile }: BrokerOptions,
  name: string,
): Promise<NatsConnection> {
  const options: NodeConnectionOptions = {
    servers: [...servers],
    name,
    reconnect: false,
    timeout: CONNECT_MS,
    ignoreClusterUpdates: true,
    ...login,
    ...(credentials !== undefined && { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
    ...(tlsCaFile !== undefined && { tls: { caFile: tlsCaFile } }),
  }
  try {
    setTransportFactory({ factory: () => new LeanTransport(), dnsResolveFn: nodeResolveHost })
    return await NatsConnectionImpl.connect(options)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw /authori[sz]ation|authentication|tls|certificate/i.test(why)
      ? new JoinError('refused', `the broker at ${servers.join(', ')} does not let this program in: ${why}`, { cause })
      : new JoinError('broker-away', `no broker is reached at ${servers.join(', ')}: ${why}`, { cause })
  }
}

/** Undefined for a connection that `connectTo` has not made. */
export function transportOf(connection: NatsConnection): LeanTransport | undefined {
  const transport = connection instanceof NatsConnectionImpl ? connection.protocol.transport : undefined
  return transport instanceof LeanTransport ? transport : undefined
}
