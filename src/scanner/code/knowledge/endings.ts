/** Calls after which this way through is over, by what decides it. */

/** `abort_unless(x)` goes on when x holds, `abort_if(x)` when it does not. */
export const ASSERTIONS: Readonly<Record<string, boolean>> = {
  abort_unless: true,
  abort_if: false,
  throw_unless: true,
  throw_if: false,
  report_if: false,
  halt_unless: true,
}

/** Functions that answer and do not return, by framework. */
const ENDINGS: Readonly<Record<string, RegExp>> = {
  sinatra: /^(?:halt|error|not_found|redirect|pass)$/,
  rails: /^(?:halt|not_found!?)$/,
  grape: /^error$/,
  laravel: /^(?:abort|dd|fail)$/,
  symfony: /^abort$/,
  slim: /^abort$/,
  php: /^(?:abort|wp_die|wp_send_json|wp_send_json_error|wp_send_json_success|drupal_exit)$/,
}

export function endsRequest(framework: string, name: string): boolean {
  return ENDINGS[framework]?.test(name) === true
}

/** `halt` is no exception there: a `rescue` around it does not see it. */
export function leavesPastHandlers(framework: string): boolean {
  return framework === 'sinatra' || framework === 'php'
}
