/** Every framework whose surfaces are found. */
import type { Discover } from './framework.ts'
import { discoverPythonRoutes } from './python-routes.ts'
import { discoverScriptRoutes } from './script-routes.ts'

export const DISCOVERIES: readonly Discover[] = [discoverPythonRoutes, discoverScriptRoutes]
