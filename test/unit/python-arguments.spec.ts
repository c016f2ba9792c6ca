import { describe, expect, it } from '@jest/globals';
import { parseArgs, parseKwargs } from '../../src/cli/python-arguments.js';

describe('--args', () => {
  it.each([
    ["['u@x']", ['u@x']],
    ['["u@x"]', ['u@x']],
    ["[ 'u@x' , 'v@x' ]", ['u@x', 'v@x']],
    ["('u@x',)", ['u@x']],
    ['[u@x]', ['u@x']],
    ['u@x', ['u@x']],
    ["'u@x'", ['u@x']],
    [`["o'brien@x"]`, ["o'brien@x"]],
    ["o'brien@x", ["o'brien@x"]],
    ['[]', []],
    ['', []],
  ])('%s', (text, expected) => expect(parseArgs(text)).toEqual(expected));

  it.each(["['u@x'", "[['u@x']]", "['u@x',,'v']", '{"a": 1}', "f('x')", "['a' 'b']"])('refuses %s', (text) => {
    expect(() => parseArgs(text)).toThrow("Can't read");
  });
});

describe('--kwargs', () => {
  it.each([
    ['{"user": "u@x"}', { user: 'u@x' }],
    ["{'user':'u@x',}", { user: 'u@x' }],
    ['{user: u@x}', { user: 'u@x' }],
    ['{}', {}],
  ])('%s', (text, expected) => expect(parseKwargs(text)).toEqual(expected));

  it.each(['u@x', '{"user"}', '["user"]', '{"user": ["x"]}'])('refuses %s', (text) => {
    expect(() => parseKwargs(text)).toThrow("Can't read");
  });
});
