/**
 * What the standard libraries and the usual packages of a language do with what they are given, by the name that is
 * called. Ruby and PHP; Python and JavaScript have theirs where calls are interpreted.
 */
import type { Language } from '../parse/ir.ts'

/** Arguments by position; `self` is what the method is called on. */
export type Slot = number | 'self'

export type KnownCall =
  | {
      readonly does: 'digest'
      readonly keyed: boolean
      readonly key?: Slot
      readonly input?: Slot
      readonly algorithm?: Slot
    }
  /** Gives back what it was given in another form. */
  | { readonly does: 'pass'; readonly of: Slot | 'all'; readonly absolute?: boolean; readonly text?: boolean }
  | { readonly does: 'now' }
  | { readonly does: 'parse' | 'serialise'; readonly of: Slot }
  /** The body of the request, if that is what it is asked for. */
  | { readonly does: 'raw'; readonly when?: RegExp }
  | { readonly does: 'headers' }
  /** Is the one among the others? */
  | { readonly does: 'contains'; readonly needle: Slot; readonly haystack: Slot }
  /** Is the moment between the two? */
  | { readonly does: 'between' }
  /** Is the moment before, or after, the other? */
  | { readonly does: 'earlier' | 'later' }
  | { readonly does: 'length'; readonly of: Slot }
  /** `data_get($x, 'a.b')` */
  | { readonly does: 'member-of' }
  /** `positive`: true means equal; `strcmp` says 0. */
  | {
      readonly does: 'compare'
      readonly constantTime: boolean
      readonly positive: boolean
      readonly throwsOnLength?: boolean
    }
  /** A public key against data and signature. */
  | { readonly does: 'verify-key' }
  /** `dig('a', 'b')`: members one after another. */
  | { readonly does: 'member' }
  | { readonly does: 'environment' }
  | { readonly does: 'setting' }
  | { readonly does: 'fetch'; readonly url: Slot; readonly sends: boolean }
  | { readonly does: 'redirect'; readonly url: Slot }
  /** Prints to the answer. */
  | { readonly does: 'answer' }
  | { readonly does: 'log' }
  | { readonly does: 'job' }
  | { readonly does: 'prepare' }
  | { readonly does: 'bind' }
  /** Fills the argument given by reference. */
  | { readonly does: 'nothing' }
  | { readonly does: 'deployment' }
  | { readonly does: 'signed-url' }

interface Row {
  /** The whole dotted name, or its end from a dot on. */
  readonly path?: RegExp
  /** The last name, of a method of anything. */
  readonly method?: RegExp
  readonly call: KnownCall
}

const RUBY: readonly Row[] = [
  { method: /^(?:include|member|cover|key|has_key)$/, call: { does: 'contains', needle: 0, haystack: 'self' } },
  { method: /^(?:in)$/, call: { does: 'contains', needle: 'self', haystack: 0 } },
  { method: /^between$/, call: { does: 'between' } },
  { method: /^before$/, call: { does: 'earlier' } },
  { method: /^after$/, call: { does: 'later' } },
  { method: /^(?:bytesize|length|size)$/, call: { does: 'length', of: 'self' } },
  {
    path: /(?:^|\.)HMAC\.(?:hexdigest|digest|base64digest)$/,
    call: { does: 'digest', keyed: true, algorithm: 0, key: 1, input: 2 },
  },
  { path: /(?:^|\.)HMAC(?:\.new)?$/, call: { does: 'digest', keyed: true, key: 0, algorithm: 1 } },
  {
    path: /(?:^|\.)Digest(?:\.\w+)?\.(?:hexdigest|digest|base64digest)$/,
    call: { does: 'digest', keyed: false, input: 0 },
  },
  { path: /(?:^|\.)OpenSSL\.Digest(?:\.\w+)?(?:\.new)?$/, call: { does: 'pass', of: 0, text: true } },
  {
    method:
      /^(?:secure_compare|variable_size_secure_compare|secure_digest_compare|timing_safe_compare|constant_time_compare|fast_secure_compare)$/,
    call: { does: 'compare', constantTime: true, positive: true },
  },
  {
    method: /^fixed_length_secure_compare$/,
    call: { does: 'compare', constantTime: true, positive: true, throwsOnLength: true },
  },
  { method: /^(?:eql|equal)$/, call: { does: 'compare', constantTime: false, positive: true } },
  {
    path: /^(?:Time|DateTime|Date)\.(?:now|current|today)$|^Time\.zone\.(?:now|today)$|^Process\.clock_gettime$/,
    call: { does: 'now' },
  },
  {
    path: /^(?:Time|DateTime|Date)\.(?:at|parse|iso8601|strptime|zone\.(?:at|parse))$|^Time\.zone\.(?:at|parse)$/,
    call: { does: 'pass', of: 0 },
  },
  { path: /^(?:Integer|Float|String|Array|Hash|BigDecimal|Rational)$/, call: { does: 'pass', of: 0 } },
  {
    path: /^(?:Base64\.\w+|CGI\.(?:un)?escape\w*|URI\.(?:encode|decode)_\w+|URI\.(?:un)?escape|Addressable\.URI\.\w+|ERB\.Util\.\w+|ActiveSupport\.\w+\.new|OpenStruct|Hashie\.Mash|HashWithIndifferentAccess|ActionController\.Parameters)$/,
    call: { does: 'pass', of: 0 },
  },
  {
    path: /^(?:JSON|Oj|MultiJson|Yajl|ActiveSupport\.JSON|Rack\.Utils|URI|YAML|Nokogiri|Hash|Psych|CGI)\.(?:parse|parse!|load|safe_load|decode|parse_nested_query|parse_query|decode_www_form|from_xml|XML|from_query|safe_parse)$/,
    call: { does: 'parse', of: 0 },
  },
  {
    path: /^(?:JSON|Oj|MultiJson|Yajl|ActiveSupport\.JSON)\.(?:generate|dump|encode|pretty_generate)$/,
    call: { does: 'serialise', of: 0 },
  },
  { method: /^to_json$/, call: { does: 'serialise', of: 'self' } },
  { path: /^Stripe\.Event\.construct_from$|^Stripe\.StripeObject\.construct_from$/, call: { does: 'pass', of: 0 } },
  { method: /^abs$/, call: { does: 'pass', of: 'self', absolute: true } },
  {
    method:
      /^(?:to_s|to_str|strip|chomp|downcase|upcase|squish|force_encoding|encode|unicode_normalize|b|scrub|delete_prefix|delete_suffix|sub|gsub|tr|delete|squeeze|ljust|rjust|lstrip|rstrip|chop|chars|bytes|unpack|unpack1|pack|hex|slice|byteslice|rpartition|partition|split|lines|string|rewind_and_read|html_safe|join|concat|prepend|read_body)$/,
    call: { does: 'pass', of: 'self', text: true },
  },
  {
    method:
      /^(?:to_i|to_f|to_d|to_r|to_sym|to_h|to_a|to_hash|to_time|to_datetime|in_time_zone|utc|localtime|getutc|iso8601|round|floor|ceil|truncate|first|last|compact|flatten|uniq|with_indifferent_access|deep_symbolize_keys|symbolize_keys|stringify_keys|deep_stringify_keys|deep_dup|dup|clone|freeze|itself|to_unsafe_h|as_json|values_at|unscope|tap|then|yield_self)$/,
    call: { does: 'pass', of: 'self' },
  },
  { method: /^(?:dig|fetch)$/, call: { does: 'member' } },
  {
    path: /^Rails\.application\.credentials(?:\.\w+)*\.(?:dig|fetch)$|^Rails\.application\.secrets\.(?:dig|fetch)$|^(?:Settings|Figaro\.env|AppConfig|Config)\.(?:dig|fetch|get)$/,
    call: { does: 'setting' },
  },
  {
    path: /^Rails\.env(?:\.\w+)?$|^Sinatra\.\w+\.(?:production|development|test)$|^(?:production|development)$/,
    call: { does: 'deployment' },
  },
  {
    path: /^(?:Net\.HTTP\.(?:get|get_response|start|get_print)|URI\.open|OpenURI\.open_uri|HTTParty\.(?:get|head)|Faraday\.(?:get|head)|RestClient\.(?:get|head)|Excon\.(?:get|head)|HTTP\.(?:get|head|follow)|Typhoeus\.(?:get|head)|HTTPX\.(?:get|head)|Down\.(?:download|open)|open-uri\.open|Kernel\.open)$/,
    call: { does: 'fetch', url: 0, sends: false },
  },
  {
    path: /^(?:Net\.HTTP\.(?:post|post_form)|HTTParty\.(?:post|put|patch|delete)|Faraday\.(?:post|put|patch|delete)|RestClient\.(?:post|put|patch|delete)|RestClient\.Request\.execute|Excon\.(?:post|put)|HTTP\.(?:post|put|patch)|Typhoeus\.(?:post|put)|HTTPX\.post)$/,
    call: { does: 'fetch', url: 0, sends: true },
  },
  { path: /(?:^|\.)(?:presigned_url|expiring_url|signed_url)$/, call: { does: 'signed-url' } },
  {
    method: /^(?:perform_later|perform_async|perform_in|perform_at|perform_now|perform_inline)$/,
    call: { does: 'job' },
  },
  {
    path: /^(?:logger|Rails\.logger|log|Sidekiq\.logger|@?logger|LOGGER|Log)\.(?:debug|info|warn|error|fatal|unknown|tagged)$|^(?:puts|p|pp|warn)$/,
    call: { does: 'log' },
  },
  {
    path: /^(?:Sentry|Bugsnag|Honeybadger|Rollbar|Airbrake|Raven|ErrorTracking|NewRelic\.Agent|StatsD|Datadog\.\w+|Appsignal)\.\w+$/,
    call: { does: 'nothing' },
  },
]

const PHP: readonly Row[] = [
  { method: /^(?:between|betweenIncluded|isBetween)$/, call: { does: 'between' } },
  { method: /^(?:lt|lte|lessThan|lessThanOrEqualTo|isBefore)$/, call: { does: 'earlier' } },
  { method: /^(?:gt|gte|greaterThan|greaterThanOrEqualTo|isAfter)$/, call: { does: 'later' } },
  // Without a sign, unless one asks for it.
  { method: /^diffIn(?:Seconds|Minutes|Hours|RealSeconds)$/, call: { does: 'pass', of: 'self', absolute: true } },
  { path: /^in_array$/, call: { does: 'contains', needle: 0, haystack: 1 } },
  { path: /^array_key_exists$/, call: { does: 'contains', needle: 0, haystack: 1 } },
  { path: /^(?:strlen|mb_strlen|count|sizeof)$/, call: { does: 'length', of: 0 } },
  { path: /^data_get$|(?:^|\.)Arr\.get$/, call: { does: 'member-of' } },
  { path: /^hash_hmac$/, call: { does: 'digest', keyed: true, algorithm: 0, input: 1, key: 2 } },
  { path: /^hash$/, call: { does: 'digest', keyed: false, algorithm: 0, input: 1 } },
  { path: /^(?:md5|sha1|crc32|openssl_digest)$/, call: { does: 'digest', keyed: false, input: 0 } },
  { path: /^hash_init$/, call: { does: 'digest', keyed: true, algorithm: 0, key: 2 } },
  {
    path: /^(?:hash_equals|sodium_memcmp|sodium_compare)$/,
    call: { does: 'compare', constantTime: true, positive: true },
  },
  {
    path: /(?:^|\.)(?:hashEquals|StringUtils\.equals|Str\.equals|timingSafeEquals|secureCompare)$/,
    call: { does: 'compare', constantTime: true, positive: true },
  },
  {
    path: /^(?:strcmp|strcasecmp|strncmp|strncasecmp|strnatcmp|substr_compare)$/,
    call: { does: 'compare', constantTime: false, positive: false },
  },
  {
    path: /^(?:openssl_verify|sodium_crypto_sign_verify_detached)$|(?:^|\.)(?:PublicKey|publicKey|RSA|EC)[\w.()]*\.verify$/,
    call: { does: 'verify-key' },
  },
  {
    path: /^(?:time|microtime|hrtime|now|Carbon\.now|Carbon\.Carbon\.now|Illuminate\.Support\.Carbon\.now|DateTime|DateTimeImmutable|today)$|(?:^|\.)Carbon(?:Immutable)?\.(?:now|today)$/,
    call: { does: 'now' },
  },
  {
    path: /^(?:strtotime|date|gmdate|mktime)$|(?:^|\.)Carbon(?:Immutable)?\.(?:parse|createFromTimestamp\w*|createFromFormat)$|^DateTime(?:Immutable)?\.createFromFormat$/,
    call: { does: 'pass', of: 'all' },
  },
  { path: /^(?:abs)$/, call: { does: 'pass', of: 0, absolute: true } },
  { path: /^parse_url$/, call: { does: 'pass', of: 0 } },
  {
    path: /^(?:String|strval|trim|ltrim|rtrim|strtolower|strtoupper|ucfirst|lcfirst|utf8_encode|utf8_decode|mb_\w+|stripslashes|addslashes|htmlspecialchars|htmlentities|strip_tags|nl2br|base64_encode|base64_decode|bin2hex|hex2bin|urldecode|urlencode|rawurldecode|rawurlencode|quoted_printable_decode|iconv|pack|unpack|chr|strrev|gzdecode|gzinflate|substr|str_pad|chunk_split|wordwrap|escapeshellarg|filter_var|sodium_hex2bin|sodium_bin2hex|sodium_base642bin)$/,
    call: { does: 'pass', of: 0, text: true },
  },
  {
    path: /^(?:Number|intval|floatval|boolval|round|floor|ceil|array_filter|array_values|array_keys|array_change_key_case|array_slice|array_unique|array_reverse|array_flip|current|reset|end|array_shift|array_pop|iterator_to_array|array_map|collect|json_encode_pretty|ksort|sort|to_array|value|tap|optional|clone|unserialize)$/,
    call: { does: 'pass', of: 0 },
  },
  {
    path: /^(?:sprintf|vsprintf|implode|join|explode|str_replace|preg_replace|str_ireplace|substr_replace|array_merge|array_combine|array_column|array_intersect_key|compact|http_build_query|preg_split|sscanf|max|min|str_split|strtr|array_fill_keys|array_diff_key|str)$/,
    call: { does: 'pass', of: 'all' },
  },
  {
    path: /^(?:json_decode|simplexml_load_string|yaml_parse|Json\.decode|Utils\.jsonDecode|parse_str|Yaml\.parse)$|(?:^|\.)(?:Json\.decode|Utils\.jsonDecode|JsonFile\.parse)$/,
    call: { does: 'parse', of: 0 },
  },
  {
    path: /^(?:json_encode|serialize|yaml_emit)$|(?:^|\.)(?:Json\.encode|Utils\.jsonEncode|Js\.from)$/,
    call: { does: 'serialise', of: 0 },
  },
  { method: /^toJson$/, call: { does: 'serialise', of: 'self' } },
  {
    path: /^(?:file_get_contents|fopen|stream_get_contents|readfile|SplFileObject)$/,
    call: { does: 'raw', when: /^php:\/\/(?:input|stdin)/ },
  },
  { path: /^(?:stream_get_contents|fread|fgets|stream_copy_to_stream)$/, call: { does: 'pass', of: 0, text: true } },
  { path: /^(?:getallheaders|apache_request_headers)$/, call: { does: 'headers' } },
  {
    method:
      /^(?:__toString|getContents|toString|rewind|jsonSerialize|lower|upper|trim|value|startOfDay|getTimestamp|timestamp|format|toDateTimeString|addMinutes|subMinutes|subSeconds|addSeconds|toArray|first|last)$/,
    call: { does: 'pass', of: 'self' },
  },
  { path: /^(?:getenv|env)$/, call: { does: 'environment' } },
  {
    path: /^config$|(?:^|\.)Config\.(?:get|string)$|(?:^|\.)(?:getParameter|parameterBag\.get|params\.get|getConfig|get_option|get_site_option|variable_get)$/,
    call: { does: 'setting' },
  },
  {
    path: /^(?:app\(\)|App|Illuminate\.Support\.Facades\.App)\.(?:environment|isProduction|isLocal|runningUnitTests)$/,
    call: { does: 'deployment' },
  },
  {
    path: /(?:^|\.)(?:Http|HttpFacade)(?:\.\w+\(\))*\.(?:get|head)$|(?:^|[.)])(?:Client\(\)|client|httpClient|http|guzzle|HttpClientInterface\(\))\.(?:get|head)$/,
    call: { does: 'fetch', url: 0, sends: false },
  },
  {
    path: /(?:^|\.)(?:Http|HttpFacade)(?:\.\w+\(\))*\.(?:post|put|patch|delete)$|(?:^|[.)])(?:Client\(\)|client|httpClient|http|guzzle|HttpClientInterface\(\))\.(?:post|put|patch|delete)$/,
    call: { does: 'fetch', url: 0, sends: true },
  },
  {
    path: /(?:^|[.)])(?:Client\(\)|client|httpClient|http|guzzle|HttpClientInterface\(\))\.request$/,
    call: { does: 'fetch', url: 1, sends: true },
  },
  { path: /^(?:curl_init|wp_remote_get|wp_remote_head)$/, call: { does: 'fetch', url: 0, sends: false } },
  { path: /^(?:wp_remote_post|wp_remote_request)$/, call: { does: 'fetch', url: 0, sends: true } },
  {
    path: /^redirect$|(?:^|\.)(?:RedirectResponse|Redirect\.(?:to|away))$|(?:^|\.)redirect\(\)\.(?:to|away)$|^response\.(?:away|to)$|(?:^|\.)(?:wp_redirect|withRedirect)$/,
    call: { does: 'redirect', url: 0 },
  },
  { path: /^(?:echo|print_r|var_dump|printf|vprintf|var_export)$/, call: { does: 'answer' } },
  {
    path: /^(?:error_log|syslog|trigger_error|logger|info|debug_log)$|(?:^|\.)Log(?:\.\w+\(\))*\.(?:debug|info|notice|warning|error|critical|alert|emergency|log)$|(?:^|[.)])(?:logger|log|LoggerInterface\(\)|logger\(\))\.(?:debug|info|notice|warning|error|critical|alert|emergency|log)$/,
    call: { does: 'log' },
  },
  {
    path: /^(?:http_response_code|header_remove|ob_\w+|set_time_limit|ignore_user_abort|ini_set|error_reporting|date_default_timezone_set|fastcgi_finish_request|flush|fflush|fclose|curl_close|usleep|sleep|session_start|ini_get|report|spl_autoload_register|setlocale|libxml_\w+|mb_internal_encoding|setcookie|session_write_close|assert|gc_collect_cycles)$/,
    call: { does: 'nothing' },
  },
  {
    path: /(?:^|\.)(?:temporaryUrl|temporarySignedRoute|createPresignedRequest|signedUrl)$/,
    call: { does: 'signed-url' },
  },
  { method: /^prepare$/, call: { does: 'prepare' } },
  { method: /^(?:bindParam|bindValue|bind_param)$/, call: { does: 'bind' } },
  {
    method: /^(?:dispatch|dispatchSync|dispatchNow|dispatchAfterResponse|dispatchIf|dispatchUnless)$/,
    call: { does: 'job' },
  },
  // Functions of the language that change nothing outside.
  {
    path: /^(?:array_\w+|in_array|str(?:pos|rpos|ipos|str|istr|rchr|spn|cspn|coll)|str_(?:starts_with|ends_with|contains|word_count|repeat)|substr_count|preg_\w+|ctype_\w+|is_\w+|isset|list|range|min|max|usort|uasort|uksort|ksort|krsort|asort|arsort|rsort|shuffle|array|key|next|prev|each|gettype|get_class|get_object_vars|method_exists|property_exists|function_exists|class_exists|defined|constant|version_compare|number_format|money_format|pathinfo|basename|dirname|realpath|file_exists|is_file|ip2long|inet_pton|uniqid|random_bytes|random_int|rand|mt_rand|openssl_(?!sign)\w+|hash_\w+|password_verify|checkdate|date_\w+|gmmktime|json_last_error(?:_msg)?|error_get_last|debug_backtrace|memory_get_usage|php_sapi_name|phpversion|phpinfo|array_walk|call_user_func\w*|func_get_args|iterator_\w+|ctype|bc\w+|fmod|pow|sqrt|abs|floor|fopen|feof|fclose|file|fwrite|fputs|mkdir|is_dir|touch|chmod|unlink|tempnam|sys_get_temp_dir|getcwd|header|headers_sent|view|trans|__|route|url|asset|csrf_token|old|blank|filled|class_basename|head|last|value|with|esc_\w+|sanitize_\w+|wp_unslash|wp_json_encode|apply_filters|is_wp_error|absint|maybe_unserialize|__return_true|get_option|get_post_meta|get_user_meta|current_time|home_url|site_url|mysqli_real_escape_string|mysqli_connect|mysqli_error|mysqli_fetch_\w+|mysqli_num_rows|mysqli_close|addcslashes|utf8_\w+|libxml_\w+|simplexml_\w+|dom_import_\w+|xml_\w+|curl_\w+)$/,
    call: { does: 'pass', of: 'all' },
  },
]

const BY_LANGUAGE: Partial<Record<Language, readonly Row[]>> = { ruby: RUBY, php: PHP }

export function standardCall(
  language: Language,
  path: string,
  method: string,
  isMember: boolean,
): KnownCall | undefined {
  const row = BY_LANGUAGE[language]?.find(
    (one) => one.path?.test(path) === true || (isMember && one.method?.test(method) === true),
  )
  return row?.call
}
