// The application that the program loads.
const Koa = require('koa')
const { createCache } = require('tiercache/koa')

const app = new Koa()
app.use(createCache().cacheRoute('1m'))
app.use((ctx) => {
  ctx.body = 'page'
})

module.exports = app
