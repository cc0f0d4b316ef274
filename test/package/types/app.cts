// Compiles against the packed types from a CommonJS module.
import tiercache = require('tiercache')
import expressAdapter = require('tiercache/express')
import koaAdapter = require('tiercache/koa')

export const all = [tiercache, expressAdapter.createCache(), koaAdapter.createCache()]
