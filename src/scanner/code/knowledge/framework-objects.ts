/**
 * What the request, response and context objects of Go's and Java's frameworks hold. Data only: `flow/typed-objects.ts`
 * reads it. The first table that has the member counts.
 */
import type { Language } from '../parse/ir.ts'
import type { Framework } from '../surface.ts'

export type Holds =
  /** The bytes as they come, without a bound. */
  | 'stream'
  | 'raw'
  | 'parsed'
  | 'headers'
  | 'header'
  | 'query'
  | 'path'
  | 'cookie'
  | 'form'
  | 'request'
  | 'response'
  | 'url'
  | 'method'
  | 'address'
  | 'identity'
  | 'next'
  /** Parses the body into its argument. */
  | 'bind'
  /** Keeps for the steps that follow, and gives back. */
  | 'set'
  | 'get'
  /** Writes the answer; `ends` also keeps what follows from running. */
  | 'answer'
  | 'ends'
  | 'redirect'
  | 'nothing'
  /** The next message of a socket, or what is sent to it. */
  | 'message'
  | 'message-into'
  | 'reply'
  | { readonly header: string }

type Members = Readonly<Record<string, Holds>>
type Objects = Partial<
  Record<'request' | 'response' | 'context' | 'headers' | 'url' | 'socket' | 'query' | 'path', Members>
>

const GO: Objects = {
  request: {
    Header: 'headers',
    Headers: 'headers',
    MultiValueHeaders: 'headers',
    QueryStringParameters: 'query',
    RawQueryString: 'query',
    PathParameters: 'path',
    HTTPMethod: 'method',
    Body: 'stream',
    GetBody: 'stream',
    URL: 'url',
    RequestURI: 'url',
    Form: 'form',
    PostForm: 'form',
    MultipartForm: 'form',
    FormValue: 'form',
    PostFormValue: 'form',
    ParseForm: 'nothing',
    ParseMultipartForm: 'nothing',
    PathValue: 'path',
    Cookie: 'cookie',
    Cookies: 'cookie',
    Method: 'method',
    RemoteAddr: 'address',
    Host: { header: 'host' },
    BasicAuth: { header: 'authorization' },
    UserAgent: { header: 'user-agent' },
    Referer: { header: 'referer' },
    ContentLength: { header: 'content-length' },
    WithContext: 'request',
    Clone: 'request',
    Context: 'get',
    TLS: 'nothing',
  },
  headers: { Get: 'header', Values: 'header', Set: 'nothing', Add: 'nothing', Del: 'nothing', Clone: 'headers' },
  query: { Get: 'query', Has: 'query', Encode: 'query' },
  path: { ByName: 'path', Get: 'path' },
  url: { Query: 'query', Path: 'url', RawQuery: 'query', String: 'url', Host: 'url' },
  response: {
    Write: 'answer',
    WriteString: 'answer',
    WriteHeader: 'nothing',
    Header: 'nothing',
    Flush: 'nothing',
    Set: 'nothing',
  },
  socket: {
    ReadMessage: 'message',
    ReadJSON: 'message-into',
    NextReader: 'message',
    Read: 'message',
    Receive: 'message-into',
    WriteMessage: 'reply',
    WriteJSON: 'reply',
    Write: 'reply',
    Close: 'nothing',
    CloseNow: 'nothing',
    SetReadLimit: 'nothing',
    SetReadDeadline: 'nothing',
    SetWriteDeadline: 'nothing',
    SetPongHandler: 'nothing',
    SetPingHandler: 'nothing',
    SetCloseHandler: 'nothing',
    RemoteAddr: 'address',
  },
}

const CONTEXTS: Partial<Record<Framework, Members>> = {
  gin: {
    Request: 'request',
    Writer: 'response',
    GetHeader: 'header',
    GetRawData: 'raw',
    Param: 'path',
    Params: 'path',
    Query: 'query',
    DefaultQuery: 'query',
    GetQuery: 'query',
    QueryMap: 'query',
    PostForm: 'form',
    GetPostForm: 'form',
    DefaultPostForm: 'form',
    Cookie: 'cookie',
    Bind: 'bind',
    BindJSON: 'bind',
    BindXML: 'bind',
    BindYAML: 'bind',
    MustBindWith: 'bind',
    ShouldBind: 'bind',
    ShouldBindJSON: 'bind',
    ShouldBindXML: 'bind',
    ShouldBindWith: 'bind',
    ShouldBindBodyWith: 'bind',
    ShouldBindBodyWithJSON: 'bind',
    Set: 'set',
    Get: 'get',
    MustGet: 'get',
    GetString: 'get',
    GetInt: 'get',
    GetInt64: 'get',
    GetUint: 'get',
    Value: 'get',
    Next: 'next',
    Abort: 'ends',
    AbortWithStatus: 'ends',
    AbortWithStatusJSON: 'ends',
    AbortWithError: 'ends',
    JSON: 'answer',
    IndentedJSON: 'answer',
    PureJSON: 'answer',
    String: 'answer',
    XML: 'answer',
    Data: 'answer',
    HTML: 'answer',
    SSEvent: 'answer',
    Render: 'answer',
    Redirect: 'redirect',
    Status: 'nothing',
    Header: 'nothing',
    ClientIP: 'address',
    RemoteIP: 'address',
    FullPath: 'url',
    ContentType: { header: 'content-type' },
    Error: 'nothing',
    Stream: 'nothing',
    IsAborted: 'nothing',
  },
  echo: {
    Request: 'request',
    Response: 'response',
    SetRequest: 'nothing',
    Param: 'path',
    QueryParam: 'query',
    QueryParams: 'query',
    FormValue: 'form',
    FormParams: 'form',
    Cookie: 'cookie',
    Bind: 'bind',
    Set: 'set',
    Get: 'get',
    JSON: 'answer',
    JSONPretty: 'answer',
    String: 'answer',
    HTML: 'answer',
    XML: 'answer',
    Blob: 'answer',
    Stream: 'answer',
    NoContent: 'answer',
    JSONBlob: 'answer',
    Redirect: 'redirect',
    RealIP: 'address',
    Validate: 'nothing',
    Logger: 'nothing',
    Path: 'url',
    Error: 'nothing',
  },
  fiber: {
    Body: 'raw',
    BodyRaw: 'raw',
    Get: 'header',
    GetReqHeaders: 'headers',
    Params: 'path',
    AllParams: 'path',
    ParamsInt: 'path',
    Query: 'query',
    Queries: 'query',
    QueryInt: 'query',
    Cookies: 'cookie',
    FormValue: 'form',
    BodyParser: 'bind',
    Bind: 'request',
    Locals: 'get',
    Request: 'request',
    Context: 'request',
    Next: 'next',
    JSON: 'answer',
    SendString: 'answer',
    Send: 'answer',
    SendStatus: 'answer',
    SendStream: 'answer',
    XML: 'answer',
    Render: 'answer',
    Redirect: 'redirect',
    Status: 'response',
    Set: 'nothing',
    IP: 'address',
    IPs: 'address',
    Method: 'method',
    Path: 'url',
    OriginalURL: 'url',
    UserContext: 'get',
    Type: 'response',
  },
}

/** fasthttp's request below fiber, and what `Bind()` of fiber 3 gives. */
const FIBER_REQUEST: Members = { Body: 'raw', Header: 'headers', JSON: 'bind', XML: 'bind', Peek: 'header' }
const FIBER_HEADERS: Members = { Peek: 'header', ...GO.headers }
const ANSWERS: Members = {
  JSON: 'answer',
  SendString: 'answer',
  Send: 'answer',
  XML: 'answer',
  JSONP: 'answer',
  Redirect: 'redirect',
}

const JAVA: Objects = {
  request: {
    getHeader: 'header',
    getHeaders: 'header',
    getHeaderNames: 'headers',
    headers: 'headers',
    getInputStream: 'stream',
    getReader: 'stream',
    getContentAsByteArray: 'raw',
    getContentAsString: 'raw',
    getBody: 'raw',
    bodyToMono: 'raw',
    getParameter: 'form',
    getParameterMap: 'form',
    getParameterValues: 'form',
    getPart: 'form',
    getQueryString: 'query',
    getQueryParams: 'query',
    queryParam: 'query',
    pathVariable: 'path',
    getCookies: 'cookie',
    getMethod: 'method',
    getRequestURI: 'url',
    getRequestURL: 'url',
    getServletPath: 'url',
    getPathInfo: 'url',
    getPath: 'url',
    getURI: 'url',
    getRemoteAddr: 'address',
    getRemoteHost: 'address',
    getRemoteUser: 'identity',
    getUserPrincipal: 'identity',
    isUserInRole: 'identity',
    getSession: 'identity',
    setAttribute: 'set',
    getAttribute: 'get',
    getContentLength: { header: 'content-length' },
    getContentLengthLong: { header: 'content-length' },
    getContentType: { header: 'content-type' },
    getRequest: 'request',
    setCharacterEncoding: 'nothing',
  },
  headers: {
    getFirst: 'header',
    get: 'header',
    getOrDefault: 'header',
    getOrEmpty: 'header',
    header: 'header',
    firstHeader: 'header',
    getHeaderString: 'header',
    getRequestHeader: 'header',
    toSingleValueMap: 'headers',
    containsKey: 'header',
  },
  response: {
    sendError: 'answer',
    setStatus: 'nothing',
    getWriter: 'response',
    getOutputStream: 'response',
    write: 'answer',
    print: 'answer',
    println: 'answer',
    sendRedirect: 'redirect',
    setHeader: 'nothing',
    addHeader: 'nothing',
    setContentType: 'nothing',
    setStatusCode: 'nothing',
    setComplete: 'nothing',
    flushBuffer: 'nothing',
  },
  context: { getRequest: 'request', getResponse: 'response' },
  socket: {
    getPrincipal: 'identity',
    getAttributes: 'identity',
    getHandshakeHeaders: 'headers',
    sendMessage: 'reply',
    close: 'nothing',
    setTextMessageSizeLimit: 'nothing',
    setBinaryMessageSizeLimit: 'nothing',
    isOpen: 'nothing',
    getId: 'nothing',
  },
}

/** Annotations that name a setting: `@Value("${github.secret:}")`. */
export const SETTING_ANNOTATIONS: ReadonlySet<string> = new Set(['Value', 'ConfigProperty'])

export function heldBy(
  language: Language,
  framework: Framework,
  role: string | undefined,
  member: string,
): Holds | undefined {
  if (language === 'java') return own(JAVA[role as keyof Objects], member)
  if (language !== 'go') return undefined
  if (role === 'context') return own(CONTEXTS[framework], member)
  if (framework === 'fiber' && role === 'request') return own(FIBER_REQUEST, member)
  if (framework === 'fiber' && role === 'headers') return own(FIBER_HEADERS, member)
  if (role === 'response') return own(GO.response, member) ?? own(ANSWERS, member)
  return own(GO[role as keyof Objects], member)
}

function own(members: Members | undefined, name: string): Holds | undefined {
  return members !== undefined && Object.hasOwn(members, name) ? members[name] : undefined
}

/** What a parameter is by its type alone. */
const TYPES: Readonly<Record<string, 'request' | 'response' | 'context' | 'path' | 'socket' | 'next' | 'headers'>> = {
  ResponseWriter: 'response',
  Request: 'request',
  'gin.Context': 'context',
  'echo.Context': 'context',
  'fiber.Ctx': 'context',
  'httprouter.Params': 'path',
  'websocket.Conn': 'socket',
  HttpServletRequest: 'request',
  ServletRequest: 'request',
  HttpServletResponse: 'response',
  ServletResponse: 'response',
  FilterChain: 'next',
  WebFilterChain: 'next',
  GatewayFilterChain: 'next',
  ServerHttpRequest: 'request',
  ServerHttpResponse: 'response',
  ServerWebExchange: 'context',
  ServerRequest: 'request',
  WebRequest: 'request',
  NativeWebRequest: 'request',
  HttpHeaders: 'headers',
  WebSocketSession: 'socket',
}

export function roleOfType(
  written: string,
): 'request' | 'response' | 'context' | 'path' | 'socket' | 'next' | 'headers' | undefined {
  const last = written.split('.').at(-1) ?? ''
  if (Object.hasOwn(TYPES, written)) return TYPES[written]
  return /^http\.|^\w+$/.test(written) && Object.hasOwn(TYPES, last) ? TYPES[last] : undefined
}

/** Languages whose parameters say by their type what they are. */
export function isTyped(language: Language): boolean {
  return language === 'go' || language === 'java'
}
