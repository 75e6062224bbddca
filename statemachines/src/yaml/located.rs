//! A YAML text as a tree that knows where everything in it stands.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;
use std::fmt;

/// A value whose parts have places.
pub(super) enum Node {
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
    List(Vec<Spanned<Node>>),
    Scalar(Value),
}

/// Line and column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub line: u64,
    pub column: u64,
}

/// Where something stands: in the text, and in words, such as `steps[quick-wins].undo`.
pub(super) struct Found<'n> {
    pub node: &'n Node,
    pub place: Place,
    pub path: String,
}

/// The place of a value or a key.
pub(super) fn place_of<T>(spanned: &Spanned<T>) -> Place {
    Place { line: spanned.referenced.line(), column: spanned.referenced.column() }
}

impl Node {
    /// The same as JSON.
    pub(super) fn plain(&self) -> Value {
        match self {
            Self::Map(entries) => {
                entries.iter().map(|(key, node)| (key.value.clone(), node.value.plain())).collect()
            }
            Self::List(nodes) => nodes.iter().map(|node| node.value.plain()).collect(),
            Self::Scalar(value) => value.clone(),
        }
    }

    /// The place of a field's name, if there is one of that name.
    pub(super) fn key(&self, name: &str) -> Option<Place> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| key.value == name).map(|(key, _)| place_of(key))
    }

    /// What an entry of a list is called: by its `id`, else by its number.
    fn name(&self, index: usize) -> String {
        let id = match self {
            Self::Map(entries) => entries.iter().find(|(key, _)| key.value == "id").map(|(_, id)| &id.value),
            Self::List(_) | Self::Scalar(_) => None,
        };
        match id {
            Some(Self::Scalar(Value::String(id))) => id.clone(),
            _ => index.to_string(),
        }
    }
}

/// What a JSON pointer points at.
pub(super) fn find<'n>(root: &'n Spanned<Node>, pointer: &str) -> Found<'n> {
    let mut found = Found { node: &root.value, place: place_of(root), path: String::new() };
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        let index = name.parse().unwrap_or(usize::MAX);
        let (step, below) = match found.node {
            Node::Map(entries) => {
                let Some((_, node)) = entries.iter().find(|(key, _)| key.value == name) else { break };
                (if found.path.is_empty() { name } else { format!(".{name}") }, node)
            }
            Node::List(nodes) => {
                let Some(node) = nodes.get(index) else { break };
                (format!("[{}]", node.value.name(index)), node)
            }
            Node::Scalar(_) => break,
        };
        found = Found { node: &below.value, place: place_of(below), path: found.path + &step };
    }
    found
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Whatever)
    }
}

/// Reads whatever there is.
struct Whatever;

impl<'de> Visitor<'de> for Whatever {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Scalar(text.into()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }
}
