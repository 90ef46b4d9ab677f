/** The part of liqe's syntax tree that is read here. */
export type Literal = { type: "LiteralExpression"; location: { start: number }; quoted: boolean; quotes?: string; value: string | number | boolean | null };
export type Range = { type: "RangeExpression"; range: { min: number; max: number; minInclusive: boolean; maxInclusive: boolean } };
export type Pattern = { type: "RegexExpression"; value: string };
export type Empty = { type: "EmptyExpression" };
export type Tag = {
  type: "Tag";
  field: { type: "ImplicitField" } | { type: "Field"; name: string };
  operator?: { operator: ":" | ":=" | ":<" | ":<=" | ":>" | ":>=" };
  expression: Literal | Range | Pattern | Empty;
};
export type Logical = { type: "LogicalExpression"; left: Tree; right: Tree; operator: { operator: "AND" | "OR" } };
export type Unary = { type: "UnaryOperator"; operator: "NOT" | "-"; operand: Tree };
export type Parenthesized = { type: "ParenthesizedExpression"; expression: Tree };
export type Tree = Tag | Logical | Unary | Parenthesized | Empty;
export function parse(query: string): Tree;
