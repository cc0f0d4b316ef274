// A client's validators are hidden from the handler for one run, and then put back.
import { expect } from 'chai'
import { hideValidators } from '../../../src/http/validators.ts'

// T81
describe('hideValidators', () => {
  it('takes out the two fields we answer ourselves, and puts them back', () => {
    const headers = {
      host: 'a',
      'if-none-match': '"a"',
      'if-modified-since': 'x',
      'if-match': '"b"',
      'if-range': '"c"',
    }
    const before = { ...headers }
    const { hidden, restore } = hideValidators(headers)
    expect(headers).to.deep.equal({ host: 'a', 'if-match': '"b"', 'if-range': '"c"' })
    expect(hidden).to.deep.equal({ 'if-none-match': '"a"', 'if-modified-since': 'x' })
    restore()
    expect(headers).to.deep.equal(before)
  })

  it('puts nothing back twice: what the handler set after that stays', () => {
    const headers: Record<string, string> = { 'if-none-match': '"a"' }
    const { restore } = hideValidators(headers)
    restore()
    headers['if-none-match'] = '"b"'
    restore()
    expect(headers).to.deep.equal({ 'if-none-match': '"b"' })
  })

  it('touches nothing where there is nothing to hide', () => {
    const { hidden, restore } = hideValidators(Object.freeze({ host: 'a' }))
    restore()
    expect(hidden).to.deep.equal({})
  })
})

describe('hideValidators, where a stored answer is to be confirmed', () => {
  it("puts its validators in the place of the client's, and the client's back", () => {
    const headers: Record<string, string> = { 'if-none-match': '"theirs"', 'if-modified-since': 'x' }
    const { restore } = hideValidators(headers, { validators: { etag: '"ours"', lastModified: undefined } })
    expect(headers).to.deep.equal({ 'if-none-match': '"ours"' })
    restore()
    expect(headers).to.deep.equal({ 'if-none-match': '"theirs"', 'if-modified-since': 'x' })
  })

  it('tells the handler that it may speak to a surrogate, behind those before this cache', () => {
    for (const before of [{}, { 'surrogate-capability': 'edge="Surrogate/1.0"' }]) {
      const headers: Record<string, string> = { ...before }
      const { restore } = hideValidators(headers, { surrogate: true })
      expect(headers['surrogate-capability']).to.match(/tiercache="Surrogate\/1\.0"$/)
      restore()
      expect(headers).to.deep.equal(before)
    }
  })
})
