// Bluesky's own servers on this machine: a directory of identities (PLC), a server of accounts (PDS)
// and an AppView, with three people, a post and reactions to it.
//
//   DATABASE_URL=postgres://... node network.mjs
//
// Prints one line of JSON when all is ready, and with --guide how to look at it. Listens on loopback only, ends when its standard input
// does (so it never outlives whoever started it), and after half an hour in any case.

import net from 'node:net'

// None of these servers takes a host to listen on, and without one they listen everywhere.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  const port = typeof first === 'object' && first !== null ? first.port : first
  if (port === undefined || Number.isNaN(Number(port))) return listen.call(this, first, ...rest)
  const done = rest.find((each) => typeof each === 'function')
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, done)
}

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
setTimeout(() => process.exit(0), 30 * 60 * 1000).unref()

// A confidential client is known by an https address, which no site on loopback has: what this one
// stands for is fetched from the site under test instead. The name is never looked up; those that are
// kept for examples are refused.
const site = process.env.SITE_ON_LOOPBACK
const fetchFromAnywhere = globalThis.fetch
globalThis.fetch = (asked, options) => {
  const address = new URL(asked instanceof Request ? asked.url : asked)
  if (site && address.hostname === 'klout.peer.net') {
    return fetchFromAnywhere(new URL(address.pathname, site), {
      headers: { accept: 'application/json' },
    })
  }
  return fetchFromAnywhere(asked, options)
}

const { TestBsky, TestPds, TestPlc, mockNetworkUtilities } = await import('@atproto/dev-env')
const { AtpAgent } = await import('@atproto/api')

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const [plcPort, pdsPort, bskyPort] = [await freePort(), await freePort(), await freePort()]
const plc = await TestPlc.create({ port: plcPort })
const bsky = await TestBsky.create({
  port: bskyPort,
  plcUrl: plc.url,
  pdsPort,
  repoProvider: `ws://localhost:${pdsPort}`,
  dbPostgresUrl: process.env.DATABASE_URL,
  dbPostgresSchema: 'appview',
})
const pds = await TestPds.create({
  port: pdsPort,
  hostname: 'localhost',
  didPlcUrl: plc.url,
  bskyAppViewUrl: bsky.url,
  bskyAppViewDid: bsky.serverDid,
})
mockNetworkUtilities(pds, bsky)

const people = {}
for (const name of ['nora', 'otto', 'hidden']) {
  const agent = new AtpAgent({ service: pds.url })
  await agent.createAccount({
    handle: `${name}.test`,
    email: `${name}@example.org`,
    password: `${name}-password`,
  })
  await agent.app.bsky.actor.profile.create(
    { repo: agent.assertDid, rkey: 'self' },
    {
      displayName: name[0].toUpperCase() + name.slice(1),
      ...(name === 'hidden' && {
        labels: {
          $type: 'com.atproto.label.defs#selfLabels',
          values: [{ val: '!no-unauthenticated' }],
        },
      }),
    },
  )
  people[name] = agent
}
const { nora, otto, hidden } = people
await otto.follow(nora.assertDid)
const post = await nora.post({ text: 'Hello from the map room', langs: ['en'] })
const root = { root: post, parent: post }
await nora.post({ text: 'And a second thought', reply: root })
await otto.like(post.uri, post.cid)
await nora.like(post.uri, post.cid)
await hidden.like(post.uri, post.cid)
await otto.repost(post.uri, post.cid)
await otto.post({ text: 'Where is it?', reply: root })
await otto.post({ text: 'Look', embed: { $type: 'app.bsky.embed.record', record: post } })
const other = await otto.post({ text: 'Something else' })
await nora.repost(other.uri, other.cid)

await pds.processAll()
const last = await pds.ctx.sequencer.curr()
const giveUp = Date.now() + 120_000
while (Date.now() < giveUp) {
  await bsky.sub.processAll()
  const cursor = await bsky.sub.runner.getCursor()
  if (cursor && cursor >= last) break
  await new Promise((resolve) => setTimeout(resolve, 50))
}

console.log(
  JSON.stringify({
    plc: plc.url,
    pds: pds.url,
    appview: bsky.url,
    dids: Object.fromEntries(Object.entries(people).map(([name, each]) => [name, each.assertDid])),
    post: post.uri,
  }),
)

if (process.argv.includes('--guide')) {
  console.log(`
Bluesky's own servers run here until Ctrl-D, for half an hour at most. In another terminal:

  BLUESKY_APPVIEW_URL=${bsky.url} BLUESKY_PLC_URL=${plc.url} \\
  ALLOW_INSECURE_HOSTS=1 KLOUTSITE_DATA=var/peers PORT=8001 make run

Then open http://127.0.0.1:8001 and continue with Bluesky as nora.test, whose password is
nora-password (otto.test and hidden.test likewise).
`)
}
