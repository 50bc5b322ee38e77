/** Every framework whose surfaces are found. */
import type { Discover } from './framework.ts'
import { discoverPhpRoutes } from './php-routes.ts'
import { discoverPythonRoutes } from './python-routes.ts'
import { discoverRubyRoutes } from './ruby-routes.ts'
import { discoverScriptRoutes } from './script-routes.ts'

export const DISCOVERIES: readonly Discover[] = [
  discoverPythonRoutes,
  discoverScriptRoutes,
  discoverRubyRoutes,
  discoverPhpRoutes,
]
