/** The socket alone, with the library `ws` and no framework. */
import { channelsOn } from './channel.ts'
import { listen, serverFor } from './listen.ts'
import { plainRoutes } from './plain-routes.ts'

const server = serverFor(plainRoutes)
channelsOn(server, '/ws')
listen(server)
