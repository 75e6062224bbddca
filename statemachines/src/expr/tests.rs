//! What expressions give, and what is said about those that give nothing.

use super::*;
use crate::Catalog;
use crate::definition::{Prerequisite, Workflow};
use serde_json::json;

/// An example of each function, true.
const EXAMPLES: [(&str, &str); FUNCTIONS.len()] = [
    ("all", "[1].all(x, x > 0)"),
    ("bool", "bool(\"true\")"),
    ("contains", "\"ab\".contains(\"a\")"),
    ("double", "double(1) > 0.5"),
    ("endsWith", "\"ab\".endsWith(\"b\")"),
    ("exists", "[1].exists(x, x > 0)"),
    ("exists_one", "[1].exists_one(x, x > 0)"),
    ("filter", "size([1].filter(x, x > 0)) == 1"),
    ("has", "has({\"a\": 1}.a)"),
    ("int", "int(1.0) == 1"),
    ("map", "[1].map(x, x + 1) == [2]"),
    ("math.abs", "math.abs(-1) == 1"),
    ("math.ceil", "math.ceil(1.2) == 2.0"),
    ("math.floor", "math.floor(1.2) == 1.0"),
    ("math.greatest", "math.greatest(1, 2, 3) == 3"),
    ("math.isFinite", "math.isFinite(1.0)"),
    ("math.isInf", "!math.isInf(1.0)"),
    ("math.isNaN", "!math.isNaN(1.0)"),
    ("math.least", "math.least(3, 2, 1) == 1"),
    ("math.round", "math.round(1.6) == 2.0"),
    ("math.sign", "math.sign(-2) == -1"),
    ("math.trunc", "math.trunc(1.9) == 1.0"),
    ("money", "money({\"minor\": 1299, \"currency\": \"USD\"}) == \"$12.99\""),
    ("percent", "percent(0.5) == \"50.0 %\""),
    ("round1", "round1(1.26) == \"1.3\""),
    ("size", "size(\"ab\") == 2"),
    ("startsWith", "\"ab\".startsWith(\"a\")"),
    ("string", "string(1) == \"1\""),
];

#[test]
fn expressions_give_json() {
    let variables = Variables::of(&json!({
        "simulation": {"runway_months": 2.1, "liquid": {"minor": 840_000, "currency": "USD"}, "accounts_linked": 3},
        "steps": {"expense-audit": {"reducible": [{"id": "a"}, {"id": "b"}]}},
        "big": 18_446_744_073_709_551_615_u64,
    }));
    for (expression, expected) in [
        ("simulation.runway_months < 3.0", json!(true)),
        ("simulation.runway_months < 3", json!(true)),
        ("3.0 - simulation.runway_months > 0.89", json!(true)),
        ("simulation.accounts_linked - size(steps[\"expense-audit\"].reducible)", json!(1)),
        ("steps[\"expense-audit\"].reducible", json!([{"id": "a"}, {"id": "b"}])),
        ("steps[\"expense-audit\"].reducible.map(r, r.id)", json!(["a", "b"])),
        ("money(simulation.liquid)", json!("$8400.00")),
        ("round1(simulation.runway_months)", json!("2.1")),
        ("round1(2)", json!("2.0")),
        ("percent(0.253)", json!("25.3 %")),
        ("{\"a\": 1, \"b\": [true, null]}", json!({"a": 1, "b": [true, null]})),
        ("math.greatest(1, 3, 2)", json!(3)),
        ("math.least([2.5, 1])", json!(1)),
        ("has(simulation.volatility)", json!(false)),
        ("big", json!(18_446_744_073_709_551_615_u64)),
        ("\"90\"", json!("90")),
    ] {
        assert_eq!(eval_json(expression, &variables), Ok(expected), "{expression}");
    }
}

#[test]
fn errors_name_what_is_wrong_and_never_the_value() {
    let variables = Variables::of(&json!({"a": {"secret": "4111-1111"}, "n": 1}));
    for (expression, expected) in [
        ("a.b", "there is no `b`"),
        ("c", "there is no variable or function `c`"),
        ("nope(1)", "there is no variable or function `nope`"),
        ("n - 1.0", "does not take (int, float)"),
        ("a.secret + 1", "does not take (string, int)"),
        ("n / 0", "a division by zero"),
        ("[1][2]", "out of bounds"),
        ("money(a)", "it takes an amount"),
        ("round1(a.secret)", "it takes a number"),
        ("0.0 / 0.0", "JSON cannot hold"),
    ] {
        let error = eval_json(expression, &variables).unwrap_err();
        assert!(error.to_string().contains(expected), "{expression}: {error}");
        assert!(!format!("{error:?}").contains("4111"), "{error:?}");
    }
    let error = eval_bool("a <", &variables).unwrap_err();
    assert!(matches!(error, ExprError::Syntax { line: 1, .. }), "{error:?}");
    let error = eval_bool("n", &variables).unwrap_err();
    assert_eq!(error.to_string(), "`n` gives a number where a boolean is needed");
}

#[test]
fn names_leave_bound_variables_out() {
    let source = "simulation.debts.exists(d, d.apr > limit) && has(steps[\"x-1\"].out) && size(steps.y.rows) > 0 \
                  && math.round(1.2) > 1.0 && money(simulation.liquid) != \"\"";
    let names = Program::compile(source).unwrap().names();
    let variables: Vec<&str> = names.variables.iter().map(String::as_str).collect();
    assert_eq!(variables, ["limit", "simulation", "steps"]);
    let fields: Vec<&str> = names.fields.iter().map(|(_, field)| field.as_str()).collect();
    assert_eq!(fields, ["debts", "liquid"]);
    let reference = |step: &str, output: &str, tested| StepReference {
        step: step.to_owned(),
        output: Some(output.to_owned()),
        tested,
    };
    assert_eq!(
        names.steps.into_iter().collect::<Vec<_>>(),
        [reference("x-1", "out", true), reference("y", "rows", false)]
    );
    assert!(!names.every_step);
    for (source, expect) in [
        ("steps.y.rows", [false, true, false]),
        ("steps.y", [false, true, true]),
        ("steps.map(id, id)", [true, true, true]),
        ("steps[which].rows", [true, true, true]),
        ("simulation.liquid", [false, false, false]),
    ] {
        let names = Program::compile(source).unwrap().names();
        let reads = [names.reads("x-1", "out"), names.reads("y", "rows"), names.reads("y", "other")];
        assert_eq!(reads, expect, "{source}");
    }
    for function in ["size", "math.round", "money"] {
        assert!(names.functions.contains(function), "{function} in {:?}", names.functions);
    }
    assert!(names.functions.iter().all(|name| FUNCTIONS.contains(&name.as_str())), "{:?}", names.functions);
}

#[test]
fn nonsense_is_an_error_and_never_a_panic() {
    for source in [
        "", "(", "\"", "a b", "1..2", "{", "[", "]", "=", "\u{0}", "ä", "a[", "a.", "?", "x ? y", "'\\u12'",
        "1 +", "a.b.", "f(,)",
    ] {
        assert!(matches!(Program::compile(source), Err(ExprError::Syntax { .. })), "{source:?}");
        assert!(ENVIRONMENT.compile(source).is_err(), "{source:?}");
    }
}

#[test]
fn every_function_told_to_authors_exists() {
    assert_eq!(EXAMPLES.map(|(name, _)| name), FUNCTIONS);
    for (name, source) in EXAMPLES {
        assert_eq!(eval_bool(source, &Variables::of(&json!({}))), Ok(true), "{name}: {source}");
    }
}

#[test]
fn both_parsers_of_the_library_read_the_same() {
    let told = EXAMPLES.iter().filter(|(name, _)| !["math.greatest", "math.least"].contains(name));
    let mut sources: Vec<String> = told.map(|(_, source)| (*source).to_owned()).collect();
    Catalog::embedded().unwrap().iter().for_each(|workflow| sources.extend(expressions(workflow)));
    sources.extend(OPERATORS.map(str::to_owned));
    assert!(sources.len() > 80);
    for source in sources {
        let ours = Program::compile(&source).unwrap();
        let generated = ENVIRONMENT.compile(&source).unwrap();
        assert_eq!(without_ids(&ours.expression.expr), without_ids(&generated.expression().expr), "{source}");
    }
}

/// What the examples of functions leave out.
const OPERATORS: [&str; 22] = [
    "-1 - -2",
    "- -x",
    "!a || b && !!c",
    "a || b && c || d",
    "1 + 2 * 3 % 4 - 5 / 6",
    "(1 + 2) * 3",
    "a ? b : c ? d : e",
    "a < b == (c >= d)",
    "a in [1, 2,] && !(b in c)",
    "a.b[0].c[\"d\"].e",
    "a.f(x).g(y, z)[1]",
    "{1: 2, \"a\": [1, {}]}",
    "has(a.b) && has(a.b.c)",
    "a.all(x, x.exists(y, y == x))",
    "a.filter(x, x > 1).map(x, x * 2)",
    "a.map(x, x > 1, x * 2)",
    "a.exists_one(x, x in b)",
    "0x1F + 1u + 1.5e3 + .5",
    "\"a\\n\\u00e4\" + 'b\"' + r'\\n' + \"\"\"c\nd\"\"\"",
    "b'ab'",
    "true && false || null == x // and no more",
    "-9223372036854775808 < 9223372036854775807",
];

/// Every expression of a definition.
fn expressions(workflow: &Workflow) -> Vec<String> {
    let mut found = Vec::new();
    for trigger in &workflow.triggers {
        found.extend([&trigger.when, &trigger.score, &trigger.reason, &trigger.otherwise].map(String::clone));
    }
    for prerequisite in &workflow.prerequisites {
        if let Prerequisite::Check { check, .. } = prerequisite {
            found.push(check.clone());
        }
    }
    for step in &workflow.steps {
        found.extend(step.when.clone());
        found.extend(step.inputs.values().cloned());
        found.extend(step.validations.iter().map(|validation| validation.check.clone()));
    }
    found
}

/// An expression in words, without the numbers that a parser gives to its parts.
fn without_ids(expression: &cel::common::ast::Expr) -> String {
    let text = format!("{expression:?}");
    let mut parts = text.split("id: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}
