import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '../src/index.ts'
import { mcpProcess } from '../src/stdio.ts'
const server = `
process.stdin.setEncoding('utf8'); let b='';
process.stdin.on('data', d => { b+=d; let i; while((i=b.indexOf('\\n'))>=0){ const m=JSON.parse(b.slice(0,i)); b=b.slice(i+1); if(m.id===undefined) continue;
 const r = m.method==='initialize'? {protocolVersion:'2025-11-25',capabilities:{tools:{}},serverInfo:{name:'x',version:'1'}} : m.method==='tools/list'?{tools:[]}:{content:[{type:'text',text:JSON.stringify(m.params.arguments)}]};
 process.stdout.write(JSON.stringify({jsonrpc:'2.0',id:m.id,result:r})+'\\n') } })`
const fetchX = async (_u: any, init?: any) => {
  if (init.method !== 'POST') return new Response(null, { status: 405 })
  const m = JSON.parse(init.body)
  if (m.method === 'server/discover') return Response.json({ jsonrpc: '2.0', id: null, error: { code: -32601, message: 'x' } }, { status: 400 })
  if (m.id === undefined) return new Response(null, { status: 202 })
  const r = m.method === 'initialize' ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } } : { content: [{ type: 'text', text: JSON.stringify(m.params.arguments) }] }
  const text = JSON.stringify({ jsonrpc: '2.0', id: m.id, result: r })
  return new Response(text, { headers: { 'content-type': 'application/json', 'content-length': String(text.length) } })
}
const sc = new Client({ name: 'a', version: '1' }); await sc.connect(new StdioClientTransport({ command: process.execPath, args: ['-e', server] }))
const hc = new Client({ name: 'a', version: '1' }); await hc.connect(new StreamableHTTPClientTransport(new URL('http://x/mcp'), { fetch: fetchX }))
const mcp = createMcpClient({ connectors: { s: mcpProcess({ command: process.execPath, args: ['-e', server] }), h: mcpServer({ url: 'http://x/mcp', fetch: fetchX as any }) } })
const ada = mcp.as('ada')
const runs: Record<string, () => Promise<unknown>> = {
  'sdk stdio': () => sc.callTool({ name: 'echo', arguments: { a: 1 } }),
  'our stdio': () => ada.s.call('echo', { a: 1 }),
  'sdk http': () => hc.callTool({ name: 'echo', arguments: { a: 1 } }),
  'our http': () => ada.h.call('echo', { a: 1 }),
}
const best: Record<string, number[]> = {}
for (let round = 0; round < 9; round++) for (const [n, f] of Object.entries(runs)) {
  for (const c of [1, 64]) {
    const N = 3000; const t = performance.now()
    if (c === 1) for (let i = 0; i < N; i++) await f()
    else await Promise.all(Array.from({ length: c }, async () => { for (let i = 0; i < N / c; i++) await f() }))
    ;(best[`${n} c${c}`] ??= []).push((performance.now() - t) / N * 1000)
  }
}
for (const [k, v] of Object.entries(best)) console.log(k.padEnd(16), v.toSorted((a, b) => a - b)[Math.floor(v.length / 2)]!.toFixed(1), 'us', Math.min(...v).toFixed(1))
await sc.close(); await hc.close(); await mcp.close()
