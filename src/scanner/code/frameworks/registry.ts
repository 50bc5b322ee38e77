/** Every framework whose surfaces are found. */
import { discoverChannels } from './channels.ts'
import { discoverDjango } from './django.ts'
import { discoverFalcon } from './falcon.ts'
import { discoverFileRoutes } from './file-routes.ts'
import type { Discover } from './framework.ts'
import { discoverGoRoutes } from './go-routes.ts'
import { discoverJava } from './java-spring.ts'
import { discoverLooseControllers } from './loose-controllers.ts'
import { discoverNestControllers } from './nest-controllers.ts'
import { discoverNextRoutes } from './next-routes.ts'
import { discoverNodeHttp } from './node-http.ts'
import { discoverPhpRoutes } from './php-routes.ts'
import { discoverPythonDispatch } from './python-dispatch.ts'
import { discoverPythonRoutes } from './python-routes.ts'
import { discoverPythonSockets } from './python-sockets.ts'
import { discoverPythonWeb } from './python-web.ts'
import { discoverRubyRoutes } from './ruby-routes.ts'
import { discoverScriptRoutes } from './script-routes.ts'
import { discoverServerless } from './serverless.ts'
import { discoverSocketServers } from './socket-servers.ts'

export const DISCOVERIES: readonly Discover[] = [
  discoverDjango,
  discoverChannels,
  discoverPythonRoutes,
  discoverPythonSockets,
  discoverPythonWeb,
  discoverFalcon,
  discoverPythonDispatch,
  discoverScriptRoutes,
  discoverNextRoutes,
  discoverFileRoutes,
  discoverNestControllers,
  discoverNodeHttp,
  discoverServerless,
  discoverLooseControllers,
  discoverSocketServers,
  discoverGoRoutes,
  discoverRubyRoutes,
  discoverPhpRoutes,
  discoverJava,
]
