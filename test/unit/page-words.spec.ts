import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

/** Whatever the page shows is in web/src/words, so that a second language is a file. */

const SOURCE = 'web/src/';
/** Attributes, and options of the same names, whose text is seen or heard. */
const SHOWN =
  /^(title|label|about|description|placeholder|confirm|alt|term|aria-(label|description|valuetext|roledescription))$/;
/** Calls whose text is. */
const SAYS = /^(toast|announce|useHeading)$/;
/** Names, and what programs read. */
const NO_WORDS = /Latchkey|api_secret|Authorization: (token|Basic base64)/g;

/** The literals in a file that a person would see, each with its line. */
function literals(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const report = (node: ts.Node, words: string) => {
    if (!/\p{L}/u.test(words.replace(NO_WORDS, ''))) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${file}:${line + 1} ${words.trim()}`);
  };
  /** What an expression comes to, as far as it is written here. */
  const value = (node: ts.Node | undefined): void => {
    if (!node) return;
    if (ts.isStringLiteralLike(node)) report(node, node.text);
    else if (ts.isTemplateExpression(node))
      report(node, [node.head, ...node.templateSpans.map(({ literal }) => literal)].map((part) => part.text).join(' '));
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(value);
    else if (ts.isBinaryExpression(node)) {
      if (node.operatorToken.kind === ts.SyntaxKind.PlusToken || isEither(node)) value(node.left);
      if (node.operatorToken.kind === ts.SyntaxKind.PlusToken || isEither(node) || isAnd(node)) value(node.right);
    } else if (ts.isParenthesizedExpression(node) || ts.isJsxExpression(node)) value(node.expression);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) report(node, node.text);
    else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) value(node);
    else if (ts.isJsxAttribute(node) && SHOWN.test(node.name.getText())) value(node.initializer);
    else if (ts.isPropertyAssignment(node) && SHOWN.test(node.name.getText().replace(/'/g, '')))
      value(node.initializer);
    else if (ts.isCallExpression(node) && SAYS.test(node.expression.getText())) node.arguments.forEach(value);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isEither({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.QuestionQuestionToken;
}

function isAnd({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.AmpersandAmpersandToken;
}

describe('a word outside the catalogue', () => {
  it.each([
    '<p>Log in</p>',
    '<p>{failed ? "Log in" : null}</p>',
    '<p>{failed && `Log in to ${host}`}</p>',
    '<a title="Log in" />',
    "<a aria-label={own ?? 'Log in'} />",
    "input({ label: 'Log in' })",
    "input({ 'aria-label': 'Log in' })",
    "toast('Log in')",
  ])('is found in %s', (code) => expect(literals('a.tsx', code)).toHaveLength(1));

  it.each([
    '<p>{words.login.title}</p>',
    '<p className="where">Latchkey · {host}</p>',
    '<p>{first}–{last}</p>',
    "key === 'live'",
  ])('is none in %s', (code) => expect(literals('a.tsx', code)).toEqual([]));

  it('is nowhere in the page', () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
    const screens = files.filter((file) => !file.startsWith('words') && file !== 'api.schema.d.ts');
    expect(screens.length).toBeGreaterThan(90);
    expect(screens.flatMap((file) => literals(file, readFileSync(SOURCE + file, 'utf8')))).toEqual([]);
  });
});
