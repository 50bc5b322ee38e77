/**
 * The rooms of the house, as rules. A room imports only from lower shelves and from itself;
 * rooms on the flow never import one another: they meet in the database.
 */
const shelf0 = '^src/base/'
const shelf1 = '^src/(config|observability)/'
const rooms = (names) => `^src/(${names.join('|')})/`

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nothing-imports-the-entries',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(bin|app|index)\\.ts$' },
      to: { path: '^src/(bin|app|index)\\.ts$' },
    },
    { name: 'base-is-the-ground', severity: 'error', from: { path: shelf0 }, to: { path: '^src/', pathNot: shelf0 } },
    {
      name: 'model-has-no-io',
      severity: 'error',
      from: { path: '^src/base/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|util|net)$' },
    },
    {
      name: 'shelf-1',
      severity: 'error',
      from: { path: shelf1 },
      to: { path: '^src/', pathNot: `${shelf0}|${shelf1}` },
    },
    {
      name: 'providers-are-data',
      severity: 'error',
      from: { path: '^src/providers/' },
      to: { path: '^src/', pathNot: `${shelf0}|^src/providers/` },
    },
    {
      name: 'verify-is-the-engine-and-little-more',
      severity: 'error',
      from: { path: '^src/verify/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/|node_modules/', pathNot: `${shelf0}|^src/(providers|verify)/` },
    },
    {
      // The registry holds every provider: who imports one of them must not get all.
      name: 'verify-knows-no-provider',
      severity: 'error',
      from: { path: '^src/verify/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/providers/registry\\.ts$|^src/providers/definitions/' },
    },
    {
      name: 'verify-opens-nothing',
      severity: 'error',
      from: { path: '^src/verify/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'], pathNot: '^(node:)?(crypto|buffer)$' },
    },
    {
      name: 'catalogue-is-pure',
      severity: 'error',
      from: { path: '^src/catalogue/' },
      to: { path: '^src/', pathNot: `${shelf0}|^src/catalogue/` },
    },
    {
      name: 'shelf-2',
      severity: 'error',
      from: { path: '^src/resources/' },
      to: { path: '^src/', pathNot: `${shelf0}|${shelf1}|^src/(catalogue|providers|resources)/` },
    },
    {
      name: 'resources-are-apart',
      severity: 'error',
      from: { path: '^src/resources/([^/]+)/' },
      to: { path: '^src/resources/', pathNot: '^src/resources/$1/' },
    },
    {
      name: 'shelf-3',
      severity: 'error',
      from: { path: rooms(['audit', 'access', 'worker']) },
      to: { path: '^src/(flow|alerts|exports|realtime|scanner|interfaces)/' },
    },
    {
      name: 'flow-rooms-meet-in-the-database',
      severity: 'error',
      from: { path: '^src/flow/([^/]+)/' },
      to: { path: '^src/flow/', pathNot: '^src/flow/$1/' },
    },
    {
      name: 'flow-knows-no-interface',
      severity: 'error',
      from: { path: '^src/flow/' },
      to: { path: '^src/(interfaces|scanner|alerts|exports|realtime)/' },
    },
    {
      name: 'alerts-meet-the-flow-in-the-database',
      severity: 'error',
      from: { path: '^src/alerts/' },
      to: { path: '^src/(flow|interfaces|scanner|exports|realtime)/' },
    },
    {
      name: 'scanner-knows-no-gateway',
      severity: 'error',
      from: { path: '^src/scanner/' },
      to: {
        path: '^src/(flow|alerts|audit|access|worker|interfaces|exports|realtime)/|^src/resources/(store|coordination)/',
      },
    },
    {
      name: 'interfaces-are-apart',
      severity: 'error',
      from: { path: '^src/interfaces/([^/]+)/' },
      to: { path: '^src/interfaces/', pathNot: '^src/interfaces/$1/' },
    },
    {
      name: 'one-database-client',
      severity: 'error',
      // A table of somebody else's is a destination, and leads through the door out.
      from: { path: '^src/', pathNot: '^src/resources/(store/|outbound/brokers/postgres\\.ts$)' },
      to: { path: 'node_modules/(pg|@types/pg)/' },
    },
    {
      name: 'one-redis-client',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/resources/(coordination/|outbound/brokers/redis\\.ts$)|\\.test\\.ts$' },
      to: { path: 'node_modules/ioredis/' },
    },
    {
      name: 'one-door-out',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/resources/outbound/|^src/interfaces/cli/client\\.ts$|\\.test\\.ts$' },
      to: { path: 'node_modules/(undici|ws|amqplib|nodemailer|@nats-io)/|^(node:)?(https|tls|dgram)$' },
    },
    {
      name: 'one-http-server',
      severity: 'error',
      from: {
        path: '^src/',
        // The live scanner's listener waits for targets to call.
        pathNot:
          '^src/(flow/ingress|realtime|interfaces/api|resources/outbound|verify)/|^src/scanner/live/listener\\.ts$|\\.test\\.ts$',
      },
      to: { path: '^(node:)?http2?$|node_modules/fastify/' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(test|conformance)\\.ts$' },
      to: { path: '^test/|\\.(test|conformance)\\.ts$' },
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(test|conformance)\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
