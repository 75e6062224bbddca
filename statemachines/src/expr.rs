//! Conditions and expressions of definitions: CEL over JSON values.
//!
//! Beside CEL's own functions and its `math` library there are `money(m)` (`$12.99`), `round1(x)` (`2.1`) and `percent(x)`
//! (`25.0 %` of 0.25). Integers and decimals do not mix in arithmetic (`3.0 - x`, `double(n)`); comparisons may mix them.
//! An error never carries a value, so that it can be logged.

mod convert;
mod functions;
mod names;

pub use functions::FUNCTIONS;
pub use names::{Names, StepReference};

use cel::parser::PrattParser;
use cel::{Context, Env, ExecutionError, IdedExpr};
use serde_json::Value;
use std::sync::{Arc, LazyLock};

/// An expression that cannot be compiled or evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExprError {
    /// It is no CEL.
    #[error("`{expression}` is no CEL expression: {message} (line {line}, column {column})")]
    Syntax {
        /// The expression.
        expression: String,
        /// The parser's words.
        message: String,
        /// From 1, inside the expression.
        line: i64,
        /// From 1, inside the expression.
        column: i64,
    },
    /// It cannot be evaluated with these values.
    #[error("`{expression}` cannot be evaluated: {message}")]
    Evaluation {
        /// The expression.
        expression: String,
        /// What went wrong; names and types, never values.
        message: String,
    },
    /// It gives something else than asked for.
    #[error("`{expression}` gives {got} where {wanted} is needed")]
    Kind {
        /// The expression.
        expression: String,
        /// What is needed, such as `a boolean`.
        wanted: &'static str,
        /// What it gives.
        got: &'static str,
    },
}

/// What expressions read: variables by name. Made once for all expressions over the same values, as that takes longer than evaluating.
pub struct Variables(Context<'static, 'static>);

impl Variables {
    /// The fields of a JSON object, each a variable.
    pub fn of(values: &Value) -> Self {
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        functions::add(&mut context);
        for (name, value) in values.as_object().into_iter().flatten() {
            context.add_variable_from_value(name.as_str(), convert::to_cel(value));
        }
        Self(context)
    }
}

/// A compiled expression.
#[derive(Debug)]
pub struct Program {
    source: String,
    expression: IdedExpr,
}

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(functions::environment()));

impl Program {
    /// Compiles an expression.
    ///
    /// # Errors
    /// [`ExprError::Syntax`] with the first place where it is no CEL.
    pub fn compile(source: &str) -> Result<Self, ExprError> {
        // `Env::compile` would link the other parser, a third of a megabyte; the tests hold the two to the same result.
        let expression = PrattParser::new().enable_optional_syntax(true).parse(source).map_err(|errors| {
            let first = errors.errors.first();
            let message = first.map_or("it does not parse", |error| error.msg.as_str());
            let (line, column) = first.map_or((0, 0), |error| error.pos);
            ExprError::Syntax {
                expression: source.to_owned(),
                message: message.to_owned(),
                line: line as i64,
                column: column as i64,
            }
        })?;
        Ok(Self { source: source.to_owned(), expression })
    }

    /// The names it reads.
    pub fn names(&self) -> Names {
        Names::of(&self.expression.expr)
    }

    /// Its value.
    ///
    /// # Errors
    /// [`ExprError::Evaluation`] for a name, key or overload that does not exist, an overflow, or a division by zero.
    pub fn json(&self, variables: &Variables) -> Result<Value, ExprError> {
        let fail = |message: String| ExprError::Evaluation { expression: self.source.clone(), message };
        let value = variables.0.resolve(&self.expression).map_err(|error| fail(describe(&error)))?;
        convert::to_json(&value).ok_or_else(|| fail("it gives something that JSON cannot hold".to_owned()))
    }

    /// Its value, a boolean.
    ///
    /// # Errors
    /// As [`Program::json`], and [`ExprError::Kind`].
    pub fn boolean(&self, variables: &Variables) -> Result<bool, ExprError> {
        let value = self.json(variables)?;
        value.as_bool().ok_or_else(|| self.wrong_kind("a boolean", &value))
    }

    /// Its value, a number.
    ///
    /// # Errors
    /// As [`Program::json`], and [`ExprError::Kind`].
    pub fn number(&self, variables: &Variables) -> Result<f64, ExprError> {
        let value = self.json(variables)?;
        value.as_f64().ok_or_else(|| self.wrong_kind("a number", &value))
    }

    /// Its value, a text.
    ///
    /// # Errors
    /// As [`Program::json`], and [`ExprError::Kind`].
    pub fn text(&self, variables: &Variables) -> Result<String, ExprError> {
        let value = self.json(variables)?;
        value.as_str().map(str::to_owned).ok_or_else(|| self.wrong_kind("a text", &value))
    }

    fn wrong_kind(&self, wanted: &'static str, got: &Value) -> ExprError {
        ExprError::Kind { expression: self.source.clone(), wanted, got: convert::kind(got) }
    }
}

/// Compiles and evaluates to a boolean; see [`Program::boolean`].
///
/// # Errors
/// As [`Program::compile`] and [`Program::boolean`].
pub fn eval_bool(expression: &str, variables: &Variables) -> Result<bool, ExprError> {
    Program::compile(expression)?.boolean(variables)
}

/// Compiles and evaluates to any JSON value; see [`Program::json`].
///
/// # Errors
/// As [`Program::compile`] and [`Program::json`].
pub fn eval_json(expression: &str, variables: &Variables) -> Result<Value, ExprError> {
    Program::compile(expression)?.json(variables)
}

/// In words, with names and types but without values: the evaluator's own words may quote a household's data.
fn describe(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("there is no `{key}`"),
        ExecutionError::UndeclaredReference(name) => format!("there is no variable or function `{name}`"),
        ExecutionError::NoSuchOverload(overload) => {
            format!("`{}` does not take ({})", overload.function(), overload.argument_types().join(", "))
        }
        ExecutionError::UnsupportedBinaryOperator(operator, left, right) => {
            format!("`{operator}` does not take ({}, {})", left.type_of(), right.type_of())
        }
        ExecutionError::InvalidArgumentCount { expected, actual } => {
            format!("a function takes {expected} arguments and was given {actual}")
        }
        ExecutionError::UnexpectedType { got, want } => format!("{want} is needed where {got} was given"),
        ExecutionError::FunctionError { function, message } => format!("`{function}`: {message}"),
        ExecutionError::IndexOutOfBounds(_) => "an index is out of bounds".to_owned(),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "a division by zero".to_owned()
        }
        ExecutionError::Overflow(..) => "a number is too large".to_owned(),
        _ => "the types do not fit".to_owned(),
    }
}

#[cfg(test)]
mod tests;
