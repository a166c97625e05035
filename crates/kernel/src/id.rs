//! Typed record ids: an id of a customer can not be passed where a call's id is wanted.

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of a record of kind `E`. An integer in the database, in paths and in JSON.
pub struct Id<E> {
    raw: i64,
    kind: PhantomData<fn() -> E>,
}

impl<E> Id<E> {
    pub const fn new(raw: i64) -> Self {
        Self { raw, kind: PhantomData }
    }

    pub const fn get(self) -> i64 {
        self.raw
    }
}

impl<E> Clone for Id<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E> Copy for Id<E> {}
impl<E> PartialEq for Id<E> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}
impl<E> Eq for Id<E> {}
impl<E> std::hash::Hash for Id<E> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}
impl<E> fmt::Debug for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.raw)
    }
}
impl<E> fmt::Display for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.raw)
    }
}
impl<E> From<i64> for Id<E> {
    fn from(raw: i64) -> Self {
        Self::new(raw)
    }
}
impl<E> From<Id<E>> for i64 {
    fn from(id: Id<E>) -> Self {
        id.raw
    }
}
impl<E> Serialize for Id<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.raw)
    }
}
impl<'de, E> Deserialize<'de> for Id<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::new)
    }
}

/// Markers for [`Id`]; they are never built.
pub mod kinds {
    pub enum Business {}
    pub enum User {}
    pub enum Customer {}
    pub enum Call {}
    pub enum Task {}
    pub enum Timeline {}
    pub enum Record {}
}

pub type BusinessId = Id<kinds::Business>;
pub type UserId = Id<kinds::User>;
pub type CustomerId = Id<kinds::Customer>;
pub type CallId = Id<kinds::Call>;
pub type TaskId = Id<kinds::Task>;
pub type TimelineId = Id<kinds::Timeline>;
/// An id of a record whose kind stands beside it as text (audit, timeline references).
pub type RecordId = Id<kinds::Record>;
