//! Customers out of here: the filtered list as CSV or Excel workbook.

pub mod csv;
mod http;
pub mod table;
mod workbook;

pub use http::routes;
