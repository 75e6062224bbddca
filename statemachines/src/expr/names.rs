//! What an expression reads: variables, their fields, functions. The checks compare it with what exists.

use cel::common::ast::{CallExpr, Expr, LiteralValue};
use std::collections::BTreeSet;

/// What an expression reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Variables, those bound by `all`, `exists`, `filter`, `map` left out.
    pub variables: BTreeSet<String>,
    /// Fields of variables, one level deep: (`simulation`, `debts`).
    pub fields: BTreeSet<(String, String)>,
    /// Steps by id, with the output read.
    pub steps: BTreeSet<StepReference>,
    /// It takes `steps` as a whole, so that any step may be read.
    pub every_step: bool,
    /// Functions called, operators left out.
    pub functions: BTreeSet<String>,
}

/// One `steps["<id>"].<output>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepReference {
    /// The step's id.
    pub step: String,
    /// The output; absent when the expression takes them all.
    pub output: Option<String>,
    /// It is only asked for by `has(…)`.
    pub tested: bool,
}

impl Names {
    /// Whether it may read an output of a step.
    pub fn reads(&self, step: &str, output: &str) -> bool {
        let named =
            |it: &StepReference| it.step == step && it.output.as_deref().is_none_or(|it| it == output);
        self.every_step || self.steps.iter().any(named)
    }

    pub(super) fn of(expression: &Expr) -> Self {
        let mut names = Self::default();
        names.visit(expression, &mut Vec::new());
        names
    }

    fn visit<'a>(&mut self, expression: &'a Expr, bound: &mut Vec<&'a str>) {
        match expression {
            Expr::Ident(name) => self.variable(name, bound),
            Expr::Select(select) => {
                if let Some(step) = step_of(&select.operand.expr) {
                    self.step(step, Some(&select.field), select.test);
                    return;
                }
                if let Expr::Ident(name) = &select.operand.expr {
                    if name == "steps" {
                        self.step(&select.field, None, select.test);
                        return;
                    }
                    if !bound.contains(&name.as_str()) {
                        self.fields.insert((name.clone(), select.field.clone()));
                    }
                }
                self.visit(&select.operand.expr, bound);
            }
            Expr::Call(call) => self.call(expression, call, bound),
            Expr::Comprehension(it) => {
                self.visit(&it.iter_range.expr, bound);
                self.visit(&it.accu_init.expr, bound);
                let before = bound.len();
                bound.extend([it.iter_var.as_str(), it.accu_var.as_str()]);
                bound.extend(it.iter_var2.as_deref());
                for part in [&it.loop_cond, &it.loop_step, &it.result] {
                    self.visit(&part.expr, bound);
                }
                bound.truncate(before);
            }
            Expr::List(list) => list.elements.iter().for_each(|element| self.visit(&element.expr, bound)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    self.entry(&entry.expr, bound);
                }
            }
            Expr::Struct(structure) => {
                for entry in &structure.entries {
                    self.entry(&entry.expr, bound);
                }
            }
            Expr::Unspecified | Expr::Literal(_) => {}
        }
    }

    fn entry<'a>(&mut self, entry: &'a cel::common::ast::EntryExpr, bound: &mut Vec<&'a str>) {
        use cel::common::ast::EntryExpr;
        match entry {
            EntryExpr::StructField(field) => self.visit(&field.value.expr, bound),
            EntryExpr::MapEntry(entry) => {
                self.visit(&entry.key.expr, bound);
                self.visit(&entry.value.expr, bound);
            }
        }
    }

    fn call<'a>(&mut self, whole: &'a Expr, call: &'a CallExpr, bound: &mut Vec<&'a str>) {
        if let Some(step) = step_of(whole) {
            self.step(step, None, false);
            return;
        }
        let namespace = call.target.as_ref().and_then(|target| match &target.expr {
            Expr::Ident(name) if name == "math" => Some("math."),
            _ => None,
        });
        let is_word = |c: char| c.is_alphanumeric() || c == '.';
        let name = format!("{}{}", namespace.unwrap_or_default(), call.func_name);
        if name.chars().next().is_some_and(char::is_alphabetic)
            && name.chars().all(|c| is_word(c) || c == '_')
        {
            self.functions.insert(name);
        }
        if let (Some(target), None) = (&call.target, namespace) {
            self.visit(&target.expr, bound);
        }
        for argument in &call.args {
            self.visit(&argument.expr, bound);
        }
    }

    fn variable(&mut self, name: &str, bound: &[&str]) {
        if !bound.contains(&name) && !name.starts_with('@') {
            self.every_step |= name == "steps";
            self.variables.insert(name.to_owned());
        }
    }

    fn step(&mut self, step: &str, output: Option<&str>, tested: bool) {
        self.variables.insert("steps".to_owned());
        self.steps.insert(StepReference { step: step.to_owned(), output: output.map(str::to_owned), tested });
    }
}

/// The id in `steps["<id>"]` or `steps.<id>` used as a whole.
fn step_of(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Call(call) if call.func_name == "_[_]" => match call.args.as_slice() {
            [of, index] => match (&of.expr, &index.expr) {
                (Expr::Ident(name), Expr::Literal(LiteralValue::String(id))) if name == "steps" => {
                    Some(id.inner())
                }
                _ => None,
            },
            _ => None,
        },
        Expr::Select(select) => match &select.operand.expr {
            Expr::Ident(name) if name == "steps" => Some(&select.field),
            _ => None,
        },
        _ => None,
    }
}
