/**
 * What functions of the standard and common libraries of Go and Java do to values. Data only: `flow/library-calls.ts`
 * says what each meaning means.
 *
 * A name is the end of the full one, from the package (Go) or class (Java) on; `()` stands for what a call gave back.
 */
import type { Language } from '../parse/ir.ts'

export type Meaning =
  /** Gives back what it is given in another form; `of` picks the argument. */
  | { readonly does: 'keep'; readonly of?: number | 'object'; readonly names?: string }
  | { readonly does: 'nothing' }
  /** Text that is never nil, such as an error or a new object. */
  | { readonly does: 'fail' }
  | { readonly does: 'exit' }
  | { readonly does: 'log' }
  | { readonly does: 'now'; readonly seconds?: true }
  /** The time since its argument. */
  | { readonly does: 'age' }
  | { readonly does: 'absolute' }
  | { readonly does: 'earlier' | 'later' }
  | { readonly does: 'hmac'; readonly key?: number; readonly algorithm?: number; readonly input?: number }
  | { readonly does: 'hash'; readonly input?: number; readonly algorithm?: number }
  /** Keys an HMAC object that was made without one. */
  | { readonly does: 'rekey'; readonly key: number }
  | { readonly does: 'update' | 'digest' }
  | { readonly does: 'compare'; readonly constantTime: boolean; readonly raises?: 'type' }
  | { readonly does: 'env'; readonly fallback?: number; readonly empty?: true; readonly pair?: true }
  | { readonly does: 'config' }
  | { readonly does: 'read'; readonly of: number | 'object'; readonly whole: boolean }
  | { readonly does: 'bound'; readonly of: number; readonly by: number }
  /** Fills argument `into`, or is what it gives back. */
  | { readonly does: 'parse'; readonly from: number | 'object'; readonly into?: number }
  | { readonly does: 'write'; readonly from: number }
  /** Copies bytes from one argument into another. */
  | { readonly does: 'fill'; readonly into: number | 'object'; readonly from: number }
  | { readonly does: 'respond'; readonly body: number; readonly status?: number; readonly to?: number }
  | { readonly does: 'redirect'; readonly to: number }
  | { readonly does: 'fetch'; readonly url: number; readonly sends?: boolean; readonly method?: number }
  | { readonly does: 'send' }
  | { readonly does: 'path'; readonly name?: number }
  | { readonly does: 'path-map' }
  | { readonly does: 'identity'; readonly cookie?: true }
  | { readonly does: 'run'; readonly fn: number }
  | { readonly does: 'field'; readonly name: number }
  | { readonly does: 'limit-rate' }
  | { readonly does: 'asymmetric'; readonly raises?: true; readonly body?: number }
  | { readonly does: 'join' }
  /** Asks which addresses a host has, as those do who check where a call would go. */
  | { readonly does: 'resolve' }
  /** Makes an object that text or bytes are added to; adds to it. */
  | { readonly does: 'builder' | 'grow' }
  | { readonly does: 'header'; readonly name: string }
  /** Asks whether a text is empty or absent; `not`: whether there is one. */
  | { readonly does: 'empty'; readonly not?: true }
  /** Makes a socket of the request. */
  | { readonly does: 'upgrade' }
  /** Reads the next message of the socket into an argument. */
  | { readonly does: 'receive'; readonly into: number }

const keep: Meaning = { does: 'keep' }
const nothing: Meaning = { does: 'nothing' }

export interface Library {
  readonly exact: Readonly<Record<string, Meaning>>
  readonly patterns: readonly (readonly [RegExp, Meaning])[]
  /** Names with a value of their own. */
  readonly constants: Readonly<Record<string, number>>
}

const GO: Library = {
  constants: {
    'time.Nanosecond': 1e-9,
    'time.Microsecond': 1e-6,
    'time.Millisecond': 1e-3,
    'time.Second': 1,
    'time.Minute': 60,
    'time.Hour': 3600,
  },
  exact: {
    'hmac.New': { does: 'hmac', algorithm: 0, key: 1 },
    'hmac.Equal': { does: 'compare', constantTime: true },
    'subtle.ConstantTimeCompare': { does: 'compare', constantTime: true },
    'subtle.ConstantTimeEq': { does: 'compare', constantTime: true },
    'bytes.Equal': { does: 'compare', constantTime: false },
    'bytes.Compare': { does: 'compare', constantTime: false },
    'strings.EqualFold': { does: 'compare', constantTime: false },
    'strings.Compare': { does: 'compare', constantTime: false },
    'reflect.DeepEqual': { does: 'compare', constantTime: false },
    'slices.Equal': { does: 'compare', constantTime: false },
    'digest().Write': { does: 'update' },
    'digest().WriteString': { does: 'update' },
    'digest().Sum': { does: 'digest' },
    'digest().Reset': nothing,
    'os.Getenv': { does: 'env', empty: true },
    'os.LookupEnv': { does: 'env', pair: true },
    'syscall.Getenv': { does: 'env', pair: true },
    'io.ReadAll': { does: 'read', of: 0, whole: true },
    'ioutil.ReadAll': { does: 'read', of: 0, whole: true },
    'http.MaxBytesReader': { does: 'bound', of: 1, by: 2 },
    'io.LimitReader': { does: 'bound', of: 0, by: 1 },
    'io.Copy': { does: 'fill', into: 0, from: 1 },
    'io.CopyN': { does: 'fill', into: 0, from: 1 },
    'io.ReadFull': { does: 'fill', into: 1, from: 0 },
    'io.TeeReader': { does: 'keep', of: 0 },
    'bytes.Buffer().ReadFrom': { does: 'fill', into: 'object', from: 0 },
    'bytes.Buffer().Write': { does: 'grow' },
    'bytes.Buffer().WriteString': { does: 'grow' },
    'bytes.Buffer().WriteByte': { does: 'grow' },
    'strings.Builder().WriteString': { does: 'grow' },
    'strings.Builder().Write': { does: 'grow' },
    'strings.Builder().WriteByte': { does: 'grow' },
    'strings.Builder().WriteRune': { does: 'grow' },
    'strings.Builder().String': { does: 'keep', of: 'object' },
    'bytes.Buffer().Bytes': { does: 'keep', of: 'object' },
    'bytes.Buffer().String': { does: 'keep', of: 'object' },
    'json.Unmarshal': { does: 'parse', from: 0, into: 1 },
    'xml.Unmarshal': { does: 'parse', from: 0, into: 1 },
    'yaml.Unmarshal': { does: 'parse', from: 0, into: 1 },
    'proto.Unmarshal': { does: 'parse', from: 0, into: 1 },
    'protojson.Unmarshal': { does: 'parse', from: 0, into: 1 },
    'sonic.Unmarshal': { does: 'parse', from: 0, into: 1 },
    'url.ParseQuery': { does: 'parse', from: 0 },
    'gjson.ParseBytes': { does: 'parse', from: 0 },
    'gjson.Parse': { does: 'parse', from: 0 },
    'gjson.GetBytes': { does: 'parse', from: 0 },
    'gjson.Get': { does: 'parse', from: 0 },
    'github.ParseWebHook': { does: 'parse', from: 1 },
    'json.NewDecoder': { does: 'keep', of: 0, names: 'decoder()' },
    'xml.NewDecoder': { does: 'keep', of: 0, names: 'decoder()' },
    'yaml.NewDecoder': { does: 'keep', of: 0, names: 'decoder()' },
    'decoder().Decode': { does: 'parse', from: 'object', into: 0 },
    'decoder().DisallowUnknownFields': nothing,
    'decoder().UseNumber': nothing,
    'json.Marshal': { does: 'write', from: 0 },
    'json.MarshalIndent': { does: 'write', from: 0 },
    'sonic.Marshal': { does: 'write', from: 0 },
    'time.Now': { does: 'now' },
    'time.Since': { does: 'age' },
    'time.Until': { does: 'age' },
    'math.Abs': { does: 'absolute' },
    'errors.New': { does: 'fail' },
    'errors.Is': nothing,
    'errors.As': nothing,
    'fmt.Errorf': { does: 'fail' },
    'errors.Wrap': { does: 'fail' },
    'errors.Wrapf': { does: 'fail' },
    'errors.Errorf': { does: 'fail' },
    'errors.Join': { does: 'fail' },
    'errors.WithMessage': { does: 'fail' },
    'errors.WithStack': { does: 'fail' },
    'status.Error': { does: 'fail' },
    'status.Errorf': { does: 'fail' },
    'xerrors.Errorf': { does: 'fail' },
    'xerrors.New': { does: 'fail' },
    'echo.NewHTTPError': { does: 'fail' },
    'fiber.NewError': { does: 'fail' },
    'os.Exit': { does: 'exit' },
    'runtime.Goexit': { does: 'exit' },
    panic: { does: 'exit' },
    'http.Error': { does: 'respond', body: 1, status: 2, to: 0 },
    'http.NotFound': nothing,
    'fmt.Fprint': { does: 'respond', body: 1, to: 0 },
    'fmt.Fprintf': { does: 'respond', body: 2, to: 0 },
    'fmt.Fprintln': { does: 'respond', body: 1, to: 0 },
    'io.WriteString': { does: 'respond', body: 1, to: 0 },
    'http.Redirect': { does: 'redirect', to: 2 },
    'http.Get': { does: 'fetch', url: 0 },
    'http.Head': { does: 'fetch', url: 0 },
    'http.Post': { does: 'fetch', url: 0, sends: true },
    'http.PostForm': { does: 'fetch', url: 0, sends: true },
    'http.NewRequest': { does: 'fetch', url: 1, method: 0 },
    'http.NewRequestWithContext': { does: 'fetch', url: 1, method: 0 },
    'websocket.Upgrader().Upgrade': { does: 'upgrade' },
    'websocket.Accept': { does: 'upgrade' },
    'websocket.Upgrade': { does: 'upgrade' },
    'ws.UpgradeHTTP': { does: 'upgrade' },
    'wsjson.Read': { does: 'receive', into: 2 },
    'websocket.JSON.Receive': { does: 'receive', into: 1 },
    'websocket.Message.Receive': { does: 'receive', into: 1 },
    'wsutil.ReadClientData': { does: 'receive', into: -1 },
    'wsjson.Write': nothing,
    'github.DeliveryID': { does: 'header', name: 'x-github-delivery' },
    'github.WebHookType': { does: 'header', name: 'x-github-event' },
    'net.LookupIP': { does: 'resolve' },
    'net.LookupHost': { does: 'resolve' },
    'net.ResolveIPAddr': { does: 'resolve' },
    'net.DefaultResolver.LookupIPAddr': { does: 'resolve' },
    'net.DefaultResolver.LookupNetIP': { does: 'resolve' },
    'mux.Vars': { does: 'path-map' },
    'chi.URLParam': { does: 'path', name: 1 },
    'chi.URLParamFromCtx': { does: 'path', name: 0 },
    'http.HandlerFunc': { does: 'keep', of: 0 },
    'http.StripPrefix': { does: 'keep', of: 1 },
    'http.TimeoutHandler': { does: 'keep', of: 0 },
    'http.MaxBytesHandler': { does: 'keep', of: 0 },
    'http.AllowQuerySemicolons': { does: 'keep', of: 0 },
    'gin.WrapF': { does: 'keep', of: 0 },
    'gin.WrapH': { does: 'keep', of: 0 },
    'echo.WrapHandler': { does: 'keep', of: 0 },
    'adaptor.HTTPHandlerFunc': { does: 'keep', of: 0 },
    'adaptor.HTTPHandler': { does: 'keep', of: 0 },
    'context.Background': nothing,
    'context.TODO': nothing,
    'ed25519.Verify': { does: 'asymmetric', body: 1 },
    'rsa.VerifyPKCS1v15': { does: 'asymmetric', raises: true, body: 2 },
    'rsa.VerifyPSS': { does: 'asymmetric', raises: true, body: 2 },
    'ecdsa.VerifyASN1': { does: 'asymmetric', body: 1 },
    'ecdsa.Verify': { does: 'asymmetric', body: 1 },
    'x509.Certificate().CheckSignature': { does: 'asymmetric', raises: true, body: 1 },
    copy: { does: 'fill', into: 0, from: 1 },
    append: { does: 'join' },
    min: { does: 'join' },
    max: { does: 'join' },
    delete: nothing,
    close: nothing,
    cap: nothing,
    print: nothing,
    println: nothing,
  },
  patterns: [
    [/^(?:sha1|sha256|sha512|md5|sha3)\.New\w*$/, { does: 'hash' }],
    [/^(?:sha1|sha256|sha512|md5|sha3)\.Sum\w*$/, { does: 'hash', input: 0 }],
    [
      /^(?:log|logger|slog|logrus|glog|klog|zap|sugar|zlog|l|lg|logging)(?:\(\))?\.(?:\w+(?:\(\))?\.)*(?:Fatal\w*|Panic\w*|Exit\w*)$/i,
      { does: 'exit' },
    ],
    [/^(?:Fatal|Panic)\w*$/, nothing],
    [
      /^(?:\w+\.)*(?:log|logger|slog|logrus|glog|klog|zap|sugar|zlog|lg|logging|zerolog)(?:\(\))?\.(?:\w+(?:\(\))?\.)*(?:Print\w*|Info\w*|Warn\w*|Error\w*|Debug\w*|Trace\w*|Log\w*|Output|With\w*|Str|Int\w*|Err|Msg\w*|Send|Any|Interface|Bytes|Sync|Notice\w*|Bool|Dur|Time|Stack)$/i,
      { does: 'log' },
    ],
    [/^fmt\.Print\w*$/, { does: 'log' }],
    [/^(?:zap|slog)\.\w+$/, keep],
    [/^fmt\.(?:Sprint\w*|Append\w*|Sscan\w*)$/, keep],
    [/^json\.NewEncoder\(\)\.Encode$/, { does: 'respond', body: 0 }],
    [/^json\.NewEncoder\(\)\.\w+$/, nothing],
    [/^json\.(?:Valid|Compact|HTMLEscape|Indent|RawMessage|Number)$/, keep],
    [/^(?:http|HttpClient|client|httpClient|\w*[cC]lient)(?:\.(?:DefaultClient|Client\(\)))?\.Do$/, { does: 'send' }],
    [/^(?:http\.DefaultClient|http\.Client\(\)|\w*[hH]ttpClient)\.(?:Get|Head)$/, { does: 'fetch', url: 0 }],
    [
      /^(?:http\.DefaultClient|http\.Client\(\)|\w*[hH]ttpClient)\.Post(?:Form)?$/,
      { does: 'fetch', url: 0, sends: true },
    ],
    [
      /^(?:hex|base64|base32|strings|strconv|bytes|bufio|utf8|unicode|html|filepath|path|url|io|ioutil|binary|textproto|mime|slices|maps|sort|netip|net|regexp|template|big|pem|x509|uuid|atomic|reflect|unsafe|runtime|cast|decimal|ptr|pointer|aws|lo)\.(?:\w+(?:\(\))?\.)*\w+$/,
      keep,
    ],
    [/^time\.(?:Unix\w*|Parse\w*|Date|Duration|FromUnix\w*)$/, keep],
    [/^time\.(?:Sleep|After|NewTicker|NewTimer|Tick|AfterFunc|LoadLocation|FixedZone)$/, nothing],
    [
      /^(?:context|sync|rand|errgroup|signal|trace|otel|prometheus|promauto|sentry|metrics|debug)\.(?:\w+(?:\(\))?\.)*\w+$/,
      nothing,
    ],
    [/SecretsVerifier\(\)\.Write$/, nothing],
    [/(?:^|\.)[nN]ow$/, { does: 'now' }],
    [/^rate\.NewLimiter\(\)\.(?:Allow\w*|Wait\w*|Reserve\w*)$|\.(?:Allow|AllowN)$/, { does: 'limit-rate' }],
    [/^viper\.(?:Get\w*)$|^(?:\w*[cC]onfig|cfg|conf)\.Get(?:String|Bytes)?$/, { does: 'config' }],
    [/^jwt\.(?:Parse\w*)$|^jws\.Verify$|\.VerifyIDToken$|^idtoken\.Validate$|\.ParseWithClaims$/, { does: 'identity' }],
    [
      /^sessions\.(?:\w+(?:\(\))?\.)*Get\w*$|^scs\.(?:\w+(?:\(\))?\.)*Get\w*$|^session\.(?:Get|Start)\w*$/,
      { does: 'identity', cookie: true },
    ],
  ],
}

const JAVA: Library = {
  constants: {},
  exact: {
    'Mac.getInstance': { does: 'hmac', algorithm: 0 },
    'digest().init': { does: 'rekey', key: 0 },
    'digest().update': { does: 'update' },
    'digest().doFinal': { does: 'digest' },
    'digest().digest': { does: 'digest' },
    'digest().hmac': { does: 'digest' },
    'digest().hmacHex': { does: 'digest' },
    SecretKeySpec: { does: 'keep', of: 0 },
    'Keys.hmacShaKeyFor': { does: 'keep', of: 0 },
    'MessageDigest.getInstance': { does: 'hash', algorithm: 0 },
    'MessageDigest.isEqual': { does: 'compare', constantTime: true },
    'Arrays.equals': { does: 'compare', constantTime: false },
    'Objects.equals': { does: 'compare', constantTime: false },
    'StringUtils.equals': { does: 'compare', constantTime: false },
    HmacUtils: { does: 'hmac', algorithm: 0, key: 1 },
    'HmacUtils.hmacSha256Hex': { does: 'hmac', key: 0, input: 1 },
    'HmacUtils.hmacSha256': { does: 'hmac', key: 0, input: 1 },
    'HmacUtils.hmacSha1Hex': { does: 'hmac', key: 0, input: 1 },
    'HmacUtils.hmacSha1': { does: 'hmac', key: 0, input: 1 },
    'HmacUtils.hmacSha512Hex': { does: 'hmac', key: 0, input: 1 },
    'Hashing.hmacSha256': { does: 'hmac', key: 0 },
    'digest().hashBytes': { does: 'update' },
    'digest().hashString': { does: 'update' },
    'digest().asBytes': { does: 'digest' },
    'DigestUtils.sha256Hex': { does: 'hash', input: 0 },
    'DigestUtils.sha1Hex': { does: 'hash', input: 0 },
    'DigestUtils.md5Hex': { does: 'hash', input: 0 },
    'DigestUtils.md5DigestAsHex': { does: 'hash', input: 0 },
    'System.getenv': { does: 'env' },
    'System.getProperty': { does: 'env', fallback: 1 },
    'Environment().getProperty': { does: 'env', fallback: 1 },
    'Environment().getRequiredProperty': { does: 'config' },
    'System.currentTimeMillis': { does: 'now' },
    'Instant.now': { does: 'now' },
    'Clock().instant': { does: 'now' },
    'Clock().millis': { does: 'now' },
    'LocalDateTime.now': { does: 'now' },
    'OffsetDateTime.now': { does: 'now' },
    'ZonedDateTime.now': { does: 'now' },
    'Duration.between': { does: 'keep' },
    'ChronoUnit.SECONDS.between': { does: 'keep' },
    'Math.abs': { does: 'absolute' },
    'System.exit': { does: 'exit' },
    'InetAddress.getByName': { does: 'resolve' },
    'InetAddress.getAllByName': { does: 'resolve' },
    'ObjectMapper().readTree': { does: 'parse', from: 0 },
    'ObjectMapper().readValue': { does: 'parse', from: 0 },
    'ObjectMapper().convertValue': { does: 'keep', of: 0 },
    'ObjectMapper().writeValueAsString': { does: 'write', from: 0 },
    'ObjectMapper().writeValueAsBytes': { does: 'write', from: 0 },
    'Gson().fromJson': { does: 'parse', from: 0 },
    'Gson().toJson': { does: 'write', from: 0 },
    'JSON.parseObject': { does: 'parse', from: 0 },
    'JSON.toJSONString': { does: 'write', from: 0 },
    JSONObject: { does: 'parse', from: 0 },
    'JsonParser.parseString': { does: 'parse', from: 0 },
    'StreamUtils.copyToByteArray': { does: 'read', of: 0, whole: true },
    'StreamUtils.copyToString': { does: 'read', of: 0, whole: true },
    'IOUtils.toByteArray': { does: 'read', of: 0, whole: true },
    'IOUtils.toString': { does: 'read', of: 0, whole: true },
    'CharStreams.toString': { does: 'read', of: 0, whole: true },
    'ByteStreams.toByteArray': { does: 'read', of: 0, whole: true },
    'SecurityContextHolder.getContext': { does: 'identity' },
    'Optional.of': { does: 'keep', of: 0 },
    'Optional.ofNullable': { does: 'keep', of: 0 },
    'Objects.requireNonNull': { does: 'keep', of: 0 },
    'Objects.isNull': { does: 'empty' },
    'Objects.nonNull': { does: 'empty', not: true },
    'StringUtils.isBlank': { does: 'empty' },
    'StringUtils.isEmpty': { does: 'empty' },
    'StringUtils.isNotBlank': { does: 'empty', not: true },
    'StringUtils.isNotEmpty': { does: 'empty', not: true },
    'StringUtils.hasText': { does: 'empty', not: true },
    'StringUtils.hasLength': { does: 'empty', not: true },
    'Strings.isNullOrEmpty': { does: 'empty' },
    'ObjectUtils.isEmpty': { does: 'empty' },
    'List.of': keep,
    'Map.of': keep,
    'RequestContextHolder.getRequestAttributes': nothing,
  },
  patterns: [
    [
      /^(?:StringBuilder|StringBuffer|ByteArrayOutputStream|StringJoiner|Formatter|HashMap|LinkedHashMap|TreeMap|ArrayList|LinkedList|LinkedMultiValueMap)$/,
      { does: 'builder' },
    ],
    [/^builder\(\)\.(?:append|write|writeBytes|add|insert|format|put|putAll|addAll)$/, { does: 'grow' }],
    [
      /^builder\(\)\.(?:toString|toByteArray|reverse|toCharArray|values|entrySet|keySet|stream|getOrDefault)$/,
      { does: 'keep', of: 'object' },
    ],
    [
      /^(?:String|Integer|Long|Double|Boolean|BigDecimal|BigInteger|UUID|Base64|Hex|HexFormat|HexUtils|Arrays|StringUtils|URLDecoder|URLEncoder|URI|Instant|Duration|Date|LocalDate|LocalDateTime|OffsetDateTime|ZonedDateTime|DatatypeConverter|Strings|CharBuffer|ByteBuffer|ByteArrayInputStream|InputStreamReader|BufferedReader|StringReader|Stream|IntStream|Collectors|Collections|Optional|Character|HtmlUtils|BaseEncoding|Pattern|Hashing|Ints|Longs|Map|Set|List|HashSet|Objects|Math|Thread|ThreadLocalRandom|Random|SecureRandom|Long|UriComponentsBuilder|HttpHeaders|ContentCachingRequestWrapper|TimeUnit|Charset|StandardCharsets|EventDataObjectDeserializer)(?:\(\))?(?:\.\w+(?:\(\))?)*$/,
      keep,
    ],
    [/^(?:\w+\.)*(?:log|logger|LOG|LOGGER|slf4j)(?:\(\))?\.\w+(?:\(\)\.\w+)*$/i, { does: 'log' }],
    [/^System\.(?:out|err)\.\w+$/, { does: 'log' }],
    [/^(?:RestTemplate\(\)|restTemplate|restClient|WebClient\(\))\.(?:getFor\w+)$/, { does: 'fetch', url: 0 }],
    [
      /^(?:RestTemplate\(\)|restTemplate)\.(?:postFor\w+|put|delete|exchange|patchFor\w+)$/,
      { does: 'fetch', url: 0, sends: true },
    ],
    [
      /^(?:WebClient\(\)|webClient|RestClient\(\)|restClient|WebClient\.create\(\)|RestClient\.create\(\))(?:\.\w+\(\))*\.uri$/,
      { does: 'fetch', url: 0 },
    ],
    [/^HttpRequest\.newBuilder\(\)(?:\.\w+\(\))*\.uri$|^HttpRequest\.newBuilder$/, { does: 'fetch', url: 0 }],
    [/^URL\(\)\.(?:openStream|openConnection)$/, { does: 'fetch', url: -1 }],
    [
      /^(?:Jwts|JWT|JwtDecoder\(\)|NimbusJwtDecoder\(\)|JWTVerifier\(\))(?:\.\w+(?:\(\))?)*\.(?:parse\w*|verify|decode)$/,
      { does: 'identity' },
    ],
    [/\.(?:tryConsume|tryAcquire|acquirePermission|tryTake)$/, { does: 'limit-rate' }],
    [/^Signature\.getInstance\(\)\.verify$/, { does: 'asymmetric' }],
    [/^(?:ResponseEntity|ServerResponse)(?:\.\w+(?:\(\))?)*$|^ResponseEntity$/, { does: 'join' }],
  ],
}

/** Methods of data in Java: what they take out by name, and what they hand on as it is. */
export const BY_NAME =
  /^(?:get|path|at|getString|getInt|getLong|getBoolean|getJSONObject|getJSONArray|optString|optInt|optLong|optJSONObject|getAsJsonObject|getAsJsonArray|getAsString|getOrDefault|findValue|findPath|required|has|containsKey|getJsonObject)$/
export const AS_IS =
  /^(?:as(?:Text|Long|Int|Boolean|Double|Bytes)|(?:text|int|long|boolean|double|byte|number|big\w*|decimal)Value|getAs(?:String|Int|Long|JsonObject|JsonArray|Boolean|BigDecimal)|toString|toBytes|getBytes|trim|strip|toLowerCase|toUpperCase|toCharArray|intern|orElse\w*|orElseGet|stream|elements|iterator|values|keySet|entrySet|fields|deepCopy|getPayload|asByteArray|array|lines|collect|readAllBytes|readNBytes|readLine|toByteArray|getBody|block|toFuture|get|replace|replaceAll|replaceFirst|substring|split|concat|repeat|codePoints|chars|booleanValue|next|encodeToString|toList|toPrettyString|indexOf|length|asString)$/

/** `secret.isEmpty()`: the same question as a method. */
export const EMPTINESS: Readonly<Record<string, Meaning>> = {
  isEmpty: { does: 'empty' },
  isBlank: { does: 'empty' },
  isNull: { does: 'empty' },
  isMissingNode: { does: 'empty' },
  isPresent: { does: 'empty', not: true },
}

/** Methods of times and durations, whatever library made them. */
const TIME_METHODS: Readonly<Record<string, Meaning>> = {
  Abs: { does: 'absolute' },
  abs: { does: 'absolute' },
  Before: { does: 'earlier' },
  After: { does: 'later' },
  isBefore: { does: 'earlier' },
  isAfter: { does: 'later' },
  Sub: keep,
  Add: keep,
  Unix: keep,
  UnixMilli: keep,
  Seconds: keep,
  Minutes: keep,
  Round: keep,
  Truncate: keep,
  UTC: keep,
  In: keep,
  minus: keep,
  plus: keep,
  minusSeconds: keep,
  minusMillis: keep,
  plusSeconds: keep,
  minusMinutes: keep,
  compareTo: keep,
  plusMinutes: keep,
  getEpochSecond: keep,
  toEpochMilli: keep,
  toMillis: keep,
  getSeconds: keep,
  toSeconds: keep,
  toMinutes: keep,
  toInstant: keep,
}

export function timeMethod(name: string): Meaning | undefined {
  return Object.hasOwn(TIME_METHODS, name) ? TIME_METHODS[name] : undefined
}

const LIBRARIES: Partial<Record<Language, Library>> = { go: GO, java: JAVA }

export function libraryOf(language: Language): Library | undefined {
  return LIBRARIES[language]
}

/** The end of a full name that the tables use: from the package or the class on. */
export function shortName(language: Language, path: string): string {
  if (language === 'go') {
    const slash = path.search(/\/[^/]*$/)
    return (slash < 0 ? path : path.slice(slash + 1)).replace(/^go-(?=[\w.])/, '')
  }
  return path.replace(/^(?:[a-z_][\w$]*\.)+(?=[A-Z])/, '')
}

export function meaningOf(language: Language, name: string): Meaning | undefined {
  const library = LIBRARIES[language]
  if (library === undefined) return undefined
  if (Object.hasOwn(library.exact, name)) return library.exact[name]
  return library.patterns.find(([pattern]) => pattern.test(name))?.[1]
}

/** Languages in which a call says in its answer, and not by an exception, that it failed. */
export function failuresAreValues(language: Language): boolean {
  return language === 'go'
}
