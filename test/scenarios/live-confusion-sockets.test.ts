/** The prober against sockets in four protocols: every fault is found, and the sound ones are accused of nothing. */
import { confusionSuite } from '../targets/confusion-suite.ts'
import { SOCKET_SHARES } from '../targets/shares.ts'

confusionSuite({ surface: 'json', targets: ['fastapi', 'express', 'fastify', 'ws'], shares: SOCKET_SHARES })
confusionSuite({ surface: 'socket.io', targets: ['socket.io'], shares: SOCKET_SHARES })
confusionSuite({ surface: 'graphql-ws', targets: ['graphql-ws'], shares: SOCKET_SHARES })
confusionSuite({ surface: 'graphql-transport-ws', targets: ['graphql-ws'], shares: SOCKET_SHARES })
