/** What the API knows about countries: three reads and two writes, each one honest SQL statement. */
import type { Database } from './database.ts'
import type { ListFilter } from './input.ts'

const COUNTRY = `
  countries.code, countries.name, countries.capital, countries.region, countries.area,
  coalesce(overland.countries, 0) AS overland`

const LIST = `
SELECT ${COUNTRY}
FROM tiercache_demo.countries LEFT JOIN tiercache_demo.overland USING (code)
WHERE $1::text IS NULL OR region = $1
ORDER BY CASE $2 WHEN 'area' THEN -area WHEN 'overland' THEN -coalesce(overland.countries, 0) END, name
LIMIT $3`

const FIND = `
SELECT ${COUNTRY}, countries.subregion, countries.languages,
  ARRAY(
    SELECT neighbours.name
    FROM tiercache_demo.borders JOIN tiercache_demo.countries AS neighbours ON neighbours.code = borders.neighbour
    WHERE borders.code = countries.code ORDER BY neighbours.name
  ) AS neighbours,
  ARRAY(SELECT text FROM tiercache_demo.notes WHERE notes.code = countries.code ORDER BY id) AS notes
FROM tiercache_demo.countries LEFT JOIN tiercache_demo.overland USING (code)
WHERE countries.code = $1`

const REGIONS = `
WITH distances AS (
  SELECT one.region, one.name || ' – ' || other.name AS pair, 111.195 * acosd(least(1,
    sind(one.latitude) * sind(other.latitude)
    + cosd(one.latitude) * cosd(other.latitude) * cosd(one.longitude - other.longitude))) AS km
  FROM tiercache_demo.countries AS one
  JOIN tiercache_demo.countries AS other ON one.region = other.region AND one.code < other.code
), farthest AS (
  SELECT region, round(avg(km))::int AS mean_km, (array_agg(pair ORDER BY km DESC))[1] AS farthest
  FROM distances GROUP BY region
)
SELECT region, count(*)::int AS countries, sum(area) AS area, max(overland.countries) AS overland,
  mean_km, farthest,
  (SELECT count(*)::int FROM tiercache_demo.notes JOIN tiercache_demo.countries AS noted USING (code)
   WHERE noted.region = countries.region) AS notes
FROM tiercache_demo.countries LEFT JOIN tiercache_demo.overland USING (code) LEFT JOIN farthest USING (region)
GROUP BY region, mean_km, farthest
ORDER BY region`

const SET_CAPITAL = `
UPDATE tiercache_demo.countries SET capital = $2 WHERE code = $1 RETURNING code, name, capital`

const ADD_NOTE = `
INSERT INTO tiercache_demo.notes (code, text)
SELECT code, $2 FROM tiercache_demo.countries WHERE code = $1 RETURNING code, text`

/** A row of PostgreSQL on its way to JSON. */
export type Row = Record<string, unknown>

export interface Catalog {
  list(filter: ListFilter): Promise<Row[]>
  regions(): Promise<Row[]>
  find(code: string): Promise<Row | undefined>
  setCapital(code: string, capital: string): Promise<Row | undefined>
  addNote(code: string, text: string): Promise<Row | undefined>
}

/** Builds the catalogue over `database`; `onRun` is called whenever a handler comes to ask it. */
export function createCatalog(database: Database, onRun: () => void): Catalog {
  function rows(sql: string, ...values: unknown[]): Promise<Row[]> {
    onRun()
    return database.query<Row>(sql, values)
  }
  const row = async (sql: string, ...values: unknown[]) => (await rows(sql, ...values))[0]

  return {
    list: ({ region, sort, limit }) => rows(LIST, region ?? null, sort, limit),
    regions: () => rows(REGIONS),
    find: (code) => row(FIND, code.toUpperCase()),
    setCapital: (code, capital) => row(SET_CAPITAL, code.toUpperCase(), capital),
    addNote: (code, text) => row(ADD_NOTE, code.toUpperCase(), text),
  }
}
