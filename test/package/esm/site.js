// The application that the program loads.
import express from 'express'
import { createCache } from 'tiercache/express'

export const app = express()
app.get('/', createCache().cacheRoute('1m'), (_req, res) => res.send('page'))
