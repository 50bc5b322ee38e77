/**
 * What frameworks call the parts of a request: which member gives the bytes, which the parsed body, which the caller.
 * A method and an attribute of one name mean the same thing here; whether it takes the name of a field, its caller says.
 */
export type RequestPart =
  | 'raw'
  | 'parsed'
  /** Path, query and body in one; the route says which a name is. */
  | 'input'
  | 'headers'
  /** Takes the header's name. */
  | 'header'
  | 'query'
  | 'path'
  | 'cookies'
  | 'identity'
  | 'session'
  | 'method'
  | 'url'
  | 'address'
  | 'same'
  | 'flag'
  | { readonly header: string }

type Parts = Readonly<Record<string, RequestPart>>

const RACK: Parts = {
  raw_post: 'raw',
  raw_body: 'raw',
  body: 'raw',
  body_stream: 'raw',
  body_string: 'raw',
  params: 'input',
  parameters: 'input',
  request_parameters: 'parsed',
  POST: 'parsed',
  headers: 'headers',
  env: 'headers',
  get_header: 'header',
  authorization: { header: 'authorization' },
  query_parameters: 'query',
  GET: 'query',
  path_parameters: 'path',
  cookies: 'cookies',
  cookie_jar: 'cookies',
  session: 'session',
  remote_ip: 'address',
  ip: 'address',
  request_method: 'method',
  method: 'method',
  url: 'url',
  original_url: 'url',
  fullpath: 'url',
  path: 'url',
  path_info: 'url',
  query_string: 'query',
  content_type: { header: 'content-type' },
  media_type: { header: 'content-type' },
  content_length: { header: 'content-length' },
  user_agent: { header: 'user-agent' },
  host: { header: 'host' },
  origin: { header: 'origin' },
  referer: { header: 'referer' },
}

const SYMFONY: Parts = {
  getContent: 'raw',
  request: 'parsed',
  toArray: 'parsed',
  getPayload: 'parsed',
  get: 'input',
  query: 'query',
  attributes: 'path',
  headers: 'headers',
  server: 'headers',
  cookies: 'cookies',
  session: 'session',
  getSession: 'session',
  getUser: 'identity',
  getClientIp: 'address',
  getMethod: 'method',
  isMethod: 'flag',
  getUri: 'url',
  getRequestUri: 'url',
  getPathInfo: 'url',
  getSchemeAndHttpHost: 'url',
  files: 'parsed',
  getCurrentRequest: 'same',
  getMainRequest: 'same',
}

const LARAVEL: Parts = {
  ...SYMFONY,
  input: 'input',
  all: 'input',
  post: 'input',
  json: 'input',
  validated: 'input',
  validate: 'input',
  validateWithBag: 'input',
  only: 'input',
  except: 'input',
  collect: 'input',
  safe: 'input',
  string: 'input',
  str: 'input',
  integer: 'input',
  boolean: 'input',
  float: 'input',
  date: 'input',
  enum: 'input',
  array: 'input',
  request: 'input',
  has: 'flag',
  filled: 'flag',
  missing: 'flag',
  hasHeader: 'header',
  header: 'header',
  bearerToken: { header: 'authorization' },
  route: 'path',
  cookie: 'cookies',
  user: 'identity',
  ip: 'address',
  ips: 'address',
  method: 'method',
  url: 'url',
  fullUrl: 'url',
  path: 'url',
  userAgent: { header: 'user-agent' },
  getHost: { header: 'host' },
  file: 'input',
}

/** PSR-7. */
const SLIM: Parts = {
  getBody: 'raw',
  getParsedBody: 'parsed',
  getHeaderLine: 'header',
  getHeader: 'header',
  hasHeader: 'header',
  getHeaders: 'headers',
  getQueryParams: 'query',
  getAttribute: 'path',
  getAttributes: 'path',
  getCookieParams: 'cookies',
  getServerParams: 'headers',
  getMethod: 'method',
  getUri: 'url',
  getUploadedFiles: 'parsed',
  withAttribute: 'same',
  withParsedBody: 'same',
}

/** `WP_REST_Request` */
const WORDPRESS: Parts = {
  get_body: 'raw',
  get_json_params: 'input',
  get_body_params: 'input',
  get_params: 'input',
  get_param: 'input',
  has_param: 'flag',
  get_header: 'header',
  get_headers: 'headers',
  get_query_params: 'query',
  get_url_params: 'path',
  get_file_params: 'parsed',
  get_method: 'method',
  get_route: 'url',
}

const BOTTLE: Parts = {
  body: 'raw',
  json: 'parsed',
  forms: 'parsed',
  POST: 'parsed',
  params: 'parsed',
  files: 'parsed',
  query: 'query',
  GET: 'query',
  query_string: 'query',
  headers: 'headers',
  environ: 'headers',
  get_header: 'header',
  auth: { header: 'authorization' },
  url_args: 'path',
  cookies: 'cookies',
  get_cookie: 'cookies',
  method: 'method',
  url: 'url',
  path: 'url',
  fullpath: 'url',
  remote_addr: 'address',
  remote_route: 'address',
  content_type: { header: 'content-type' },
  content_length: { header: 'content-length' },
}

const FALCON: Parts = {
  stream: 'raw',
  bounded_stream: 'raw',
  media: 'parsed',
  get_media: 'parsed',
  params: 'query',
  get_param: 'query',
  query_string: 'query',
  headers: 'headers',
  get_header: 'header',
  auth: { header: 'authorization' },
  cookies: 'cookies',
  method: 'method',
  url: 'url',
  uri: 'url',
  path: 'url',
  relative_uri: 'url',
  remote_addr: 'address',
  access_route: 'address',
  content_type: { header: 'content-type' },
  content_length: { header: 'content-length' },
}

/** AdonisJS. */
const ADONIS: Parts = {
  raw: 'raw',
  body: 'parsed',
  all: 'parsed',
  post: 'parsed',
  input: 'input',
  only: 'input',
  except: 'input',
  validate: 'input',
  validateUsing: 'input',
  header: 'header',
  headers: 'headers',
  qs: 'query',
  get: 'query',
  param: 'path',
  params: 'path',
  cookie: 'cookies',
  ip: 'address',
  method: 'method',
  url: 'url',
  completeUrl: 'url',
  request: 'same',
  file: 'parsed',
}

const BY_FRAMEWORK: Readonly<Record<string, Parts>> = {
  bottle: BOTTLE,
  falcon: FALCON,
  adonis: ADONIS,
  rails: RACK,
  sinatra: RACK,
  rack: RACK,
  actioncable: RACK,
  symfony: SYMFONY,
  laravel: LARAVEL,
  slim: SLIM,
  php: { ...SLIM, ...LARAVEL, ...WORDPRESS },
}

export function requestPart(framework: string, member: string): RequestPart | undefined {
  const parts = BY_FRAMEWORK[framework]
  return parts !== undefined && Object.hasOwn(parts, member) ? parts[member] : undefined
}

/** Whether any other member of the request is a field of what was sent (`$request->event`). */
export function readsFieldsAsMembers(framework: string): boolean {
  return framework === 'laravel'
}

/** Members of `params` and the like that give the whole again, or, called with a name, one field. */
export const INPUT_WHOLE =
  /^(?:permit|to_h|to_unsafe_h|to_unsafe_hash|to_hash|to_params|as_json|with_indifferent_access|deep_symbolize_keys|symbolize_keys|transform_keys|except|slice|all|only|validate|validated|validateWithBag|collect|safe|toArray|merge|compact|each|keys|values|dup|deep_dup|transform_values)$/
/** They name the fields they let through. */
export const INPUT_CHOICE = /^(?:permit|only|slice|validate|validateWithBag|validated|values_at|extract)$/
export const INPUT_FIELD =
  /^(?:fetch|require|expect|dig|get|input|post|json|query|string|str|integer|boolean|float|date|enum|array|delete|value|pull|request|file|params|data|get_param)$/

/** Objects that a framework puts there under a name. */
export const REQUEST_GLOBALS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rails: {
    request: 'request',
    params: 'input',
    session: 'session',
    cookies: 'cookies',
    response: 'response',
    headers: 'response',
    head: 'response',
    render: 'response',
    redirect_to: 'response',
    redirect_back: 'response',
    redirect_back_or_to: 'response',
    send_data: 'response',
    send_file: 'response',
    respond_with: 'response',
    render_error: 'response',
  },
  sinatra: {
    request: 'request',
    params: 'input',
    session: 'session',
    cookies: 'cookies',
    env: 'headers',
    response: 'response',
    headers: 'response',
    status: 'response',
    body: 'response',
    json: 'response',
    content_type: 'response',
    halt: 'response',
    error: 'response',
    redirect: 'response',
    not_found: 'response',
    pass: 'response',
    erb: 'response',
    settings: 'settings',
  },
  rack: { ENV: 'environment' },
  actioncable: {
    params: 'input',
    connection: 'socket',
    request: 'request',
    cookies: 'cookies',
    session: 'session',
  },
  laravel: { response: 'response', redirect: 'response' },
  symfony: {},
  slim: {},
  php: {},
}

/** What the languages themselves put there. */
export const LANGUAGE_GLOBALS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ruby: { ENV: 'environment' },
  php: {
    $_SERVER: 'headers',
    $_POST: 'input',
    $_REQUEST: 'input',
    $_GET: 'query',
    $_COOKIE: 'cookies',
    $_SESSION: 'session',
    $_ENV: 'environment',
  },
}

/** Variables of CGI and its heirs that are no headers. */
export const SERVER_VARIABLES: Readonly<Record<string, RequestPart>> = {
  'rack.input': 'raw',
  'rack.session': 'session',
  'rack.request.form_hash': 'parsed',
  warden: 'identity',
  REQUEST_METHOD: 'method',
  REMOTE_ADDR: 'address',
  REQUEST_URI: 'url',
  PATH_INFO: 'url',
  SCRIPT_NAME: 'url',
  QUERY_STRING: 'query',
  PHP_AUTH_USER: { header: 'authorization' },
  PHP_AUTH_PW: { header: 'authorization' },
  HTTP_AUTHORIZATION: { header: 'authorization' },
}
