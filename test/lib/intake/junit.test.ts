import assert from 'node:assert/strict'
import {parseJUnit} from '../../../src/lib/intake/junit.ts'

const refused = (why: RegExp) => ({code: 'usage.input', message: why})

describe('a JUnit report', () => {
  it('is counted by its cases', () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="all" time="1.2"><properties/>
        <testsuite name="unit" tests="4" failures="1" errors="1" skipped="1">
          <testcase name="a" classname="x"/>
          <testcase name="b"><failure message="no">at &lt;here&gt; <![CDATA[<failure/>]]></failure></testcase>
          <testcase name="c"><error/><error/></testcase>
          <testcase name="d"><skipped/><system-out>failure</system-out></testcase>
        </testsuite>
        <testsuite name="more"><testcase name="e"><properties><property name="failure"/></properties></testcase></testsuite>
      </testsuites>`
    assert.deepEqual(parseJUnit(text), {name: 'all', passed: 2, failed: 2, skipped: 1})
  })

  it('has the name of its outermost suite that has one', () => {
    assert.deepEqual(parseJUnit('<testsuites><testsuite name="pytest"><testcase/></testsuite></testsuites>'), {
      name: 'pytest',
      passed: 1,
      failed: 0,
      skipped: 0,
    })
    assert.deepEqual(parseJUnit('<testsuite><testcase/></testsuite>'), {passed: 1, failed: 0, skipped: 0})
  })

  it('fails by what a suite claims beyond its cases', () => {
    assert.equal(parseJUnit('<testsuite errors="1"><testcase name="a"/></testsuite>').failed, 1)
    assert.equal(parseJUnit('<testsuites failures="3"><testsuite failures="1"><testcase><failure/></testcase></testsuite></testsuites>').failed, 3)
    assert.equal(
      parseJUnit('<testsuites><testsuite errors="2"><testcase/></testsuite><testsuite failures="1"><testcase><failure/></testcase></testsuite></testsuites>')
        .failed,
      3,
    )
    assert.equal(parseJUnit('<testsuite failures="0"><testcase><failure/></testcase></testsuite>').failed, 1)
  })

  it('counts a case that was skipped and failed as failed, and one that passed in the end as passed', () => {
    assert.deepEqual(parseJUnit('<testsuite><testcase><skipped/><failure/></testcase></testsuite>'), {passed: 0, failed: 1, skipped: 0})
    assert.deepEqual(parseJUnit('<testsuite><testcase><flakyFailure/></testcase></testsuite>'), {passed: 1, failed: 0, skipped: 0})
  })

  for (const [what, text, why] of [
    ['empty', '', /Unclosed root|holds no test case|document/i],
    ['cut off', '<testsuite><testcase name="a"/>', /Unclosed root tag/],
    ['cut off in a tag', '<testsuite><testcase name="a', /Unclosed/],
    ['malformed', '<testsuite><testcase></testsuite>', /Unexpected close tag/],
    ['no XML', '{"tests": 1}', /Non-whitespace before first tag/],
    ['of another kind', '<html><testcase/></html>', /its outermost element is <html>/],
    ['without a case', '<testsuite tests="0"/>', /it holds no test case/],
    ['with a count that is none', '<testsuite failures="-1"><testcase/></testsuite>', /failures="-1" is not a count/],
    ['with a document type', '<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b "bb">]><testsuite><testcase name="&a;"/></testsuite>', /document type/],
    ['with an entity of its own', '<testsuite><testcase name="&xxe;"/></testsuite>', /Invalid character entity/],
    ['two documents', '<testsuite><testcase/></testsuite><testsuite/>', /more than one outermost element/],
  ] as const)
    it(`is refused where it is ${what}`, () => {
      assert.throws(() => parseJUnit(text), refused(why))
    })
})
