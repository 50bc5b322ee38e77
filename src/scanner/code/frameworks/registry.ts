/** Every framework whose surfaces are found. */
import { discoverDjango } from './django.ts'
import type { Discover } from './framework.ts'
import { discoverPythonRoutes } from './python-routes.ts'
import { discoverScriptRoutes } from './script-routes.ts'

export const DISCOVERIES: readonly Discover[] = [discoverDjango, discoverPythonRoutes, discoverScriptRoutes]
