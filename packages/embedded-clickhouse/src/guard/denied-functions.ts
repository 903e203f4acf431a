const words = (text: string): string[] => text.trim().split(/\s+/)

/**
 * Functions that a reader must not call, nor name as an argument (`arrayMap(file, …)` calls it too), with the reason.
 * Names that begin with `__` are the engine's own and are refused without being listed.
 */
export const DENIED_FUNCTIONS: Readonly<
  Record<'files' | 'network' | 'host' | 'internals' | 'stalls', readonly string[]>
> = {
  files: words(`
    file catboostEvaluate naiveBayesClassifier naiveBayesClassifierWithAllProbs naiveBayesClassifierWithProb
    naiveBayesNgrams showCertificate filesystemAvailable filesystemCapacity filesystemUnreserved
  `),
  /** `hasColumnInTable('host', …)` connects to that host. */
  network: words(`
    AIClassify AIExtract AIGenerate AITranslate aiClassify aiEmbed aiExtract aiGenerate aiTranslate hasColumnInTable
  `),
  host: words(`
    getServerSetting getServerPort tcpPort getMacro getClientHTTPHeader getOSKernelVersion getMergeTreeSetting FQDN
    fullHostName serverUUID buildId
  `),
  internals: words(`
    logTrace flameGraph addressToLine addressToLineWithInlines addressToSymbol demangle hasThreadFuzzer generateSerialID
    transactionID transactionLatestSnapshot transactionOldestSnapshot zookeeperSessionUptime chdb fuzzQuery
  `),
  stalls: words('sleep sleepEachRow'),
}
