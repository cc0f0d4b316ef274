/** The tables of the examples, in a schema of their own, filled with the countries of the world. */
import { createRequire } from 'node:module'
import type { Countries, Country } from 'world-countries'
import type { Database } from './database.ts'

const TABLES = `
DO $$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('tiercache_demo'));
  CREATE SCHEMA IF NOT EXISTS tiercache_demo;
  CREATE TABLE IF NOT EXISTS tiercache_demo.countries (
    code text PRIMARY KEY,
    name text NOT NULL,
    capital text,
    region text NOT NULL,
    subregion text NOT NULL,
    area float8 NOT NULL,
    latitude float8 NOT NULL,
    longitude float8 NOT NULL,
    languages jsonb NOT NULL
  );
  CREATE TABLE IF NOT EXISTS tiercache_demo.borders (
    code text REFERENCES tiercache_demo.countries,
    neighbour text REFERENCES tiercache_demo.countries,
    PRIMARY KEY (code, neighbour)
  );
  CREATE TABLE IF NOT EXISTS tiercache_demo.notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL REFERENCES tiercache_demo.countries,
    text text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
  );
  -- How many countries a traveller can reach without leaving the land: walks the graph of borders at every read.
  CREATE OR REPLACE VIEW tiercache_demo.overland AS
    WITH RECURSIVE journey (code, reached) AS (
      SELECT code, neighbour FROM tiercache_demo.borders
      UNION
      SELECT journey.code, borders.neighbour
      FROM journey JOIN tiercache_demo.borders ON borders.code = journey.reached
    )
    SELECT code, count(*) FILTER (WHERE reached <> code)::int AS countries FROM journey GROUP BY code;
END $$`

const FILL_COUNTRIES = `
INSERT INTO tiercache_demo.countries
SELECT * FROM jsonb_to_recordset($1::jsonb) AS given (
  code text, name text, capital text, region text, subregion text,
  area float8, latitude float8, longitude float8, languages jsonb
)
ON CONFLICT (code) DO UPDATE SET capital = excluded.capital`

const FILL_BORDERS = `
INSERT INTO tiercache_demo.borders
SELECT * FROM jsonb_to_recordset($1::jsonb) AS given (code text, neighbour text)
ON CONFLICT DO NOTHING`

/** Creates what is missing and puts every capital back to that of the data set. Returns the number of countries. */
export async function fillDatabase(database: Database): Promise<number> {
  const world: Countries = createRequire(import.meta.url)('world-countries')
  const borders = world.flatMap(({ cca3, borders }) => borders.map((neighbour) => ({ code: cca3, neighbour })))
  await database.query(TABLES)
  await database.query(FILL_COUNTRIES, [JSON.stringify(world.map(toRow))])
  await database.query(FILL_BORDERS, [JSON.stringify(borders)])
  return world.length
}

function toRow(country: Country) {
  const [latitude, longitude] = country.latlng
  return {
    code: country.cca3,
    name: country.name.common,
    capital: country.capital[0] || null,
    region: country.region,
    subregion: country.subregion,
    area: country.area,
    latitude,
    longitude,
    languages: Object.values(country.languages),
  }
}
