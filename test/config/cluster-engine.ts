/**
 * An engine that has a cluster: two shards, both of them itself, so that a table of all shards has every row twice. Nothing
 * of it replicates and no statement is passed on to other servers; what reads through Distributed tables is run for real.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const CONFIG = `<clickhouse>
  <tcp_port>9000</tcp_port>
  <macros><shard>01</shard><replica>a</replica></macros>
  <zookeeper><implementation>testkeeper</implementation></zookeeper>
  <remote_servers>
    <main>
      <shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard>
      <shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard>
    </main>
  </remote_servers>
</clickhouse>`

export interface ClusterEngine {
  /** Rows as JSON texts, in order. One at a time. */
  query(sql: string, parameters?: Readonly<Record<string, string>>): Promise<readonly string[]>
  close(): Promise<void>
}

const escaped = (text: string): string => text.replaceAll(/[\\']/g, (character) => `\\${character}`)

export const openClusterEngine = (directory: string): ClusterEngine => {
  const config = `${directory}/config.xml`
  writeFileSync(config, CONFIG)
  const script = `${import.meta.dirname}/cluster-engine-process.ts`
  const child = spawn(process.execPath, [script, `${directory}/engine`, config], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    query: async (sql, parameters = {}) => {
      const bound = Object.entries(parameters).map(([name, value]) => `SET param_${name} = '${escaped(value)}'`)
      child.stdin.write(`${JSON.stringify([...bound, sql])}\n`)
      const { value, done } = await answers.next()
      if (done === true) throw new Error('the engine has ended')
      const { lines, error } = JSON.parse(value) as { readonly lines?: readonly string[]; readonly error?: string }
      if (lines === undefined) throw new Error(error)
      return lines
    },
    close: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
