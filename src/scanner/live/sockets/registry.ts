/** The probes of sockets and of streams, in the order in which they are reported. */
import { broadcastLeak, objectSwap, replayedMessage, roomJoin } from './probes/authority.ts'
import { cookieOnly, expiredCredential, foreignOrigin, noCredential, queryToken } from './probes/handshake.ts'
import { malformedMessage, messageFlood, oversizedMessage } from './probes/message-limits.ts'
import { logoutClose, sessionExpiry } from './probes/session-end.ts'
import {
  streamCaching,
  streamExpired,
  streamFilter,
  streamForeignPage,
  streamLogout,
  streamNoCredential,
  streamQueryToken,
  streamSessionEnd,
} from './probes/stream.ts'
import type { SocketProbe } from './socket-subject.ts'
import type { StreamProbe } from './stream-subject.ts'

export const SOCKET_PROBES: readonly SocketProbe[] = [
  // These wait longest, so they start first.
  sessionExpiry,
  logoutClose,
  noCredential,
  expiredCredential,
  queryToken,
  foreignOrigin,
  cookieOnly,
  objectSwap,
  roomJoin,
  broadcastLeak,
  malformedMessage,
  replayedMessage,
  oversizedMessage,
  messageFlood,
]

export const STREAM_PROBES: readonly StreamProbe[] = [
  streamSessionEnd,
  streamLogout,
  streamNoCredential,
  streamExpired,
  streamQueryToken,
  streamForeignPage,
  streamFilter,
  streamCaching,
]
