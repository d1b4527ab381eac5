//! The projections: whatever happens to orders and to those who follow, they say what the orders say.

mod followers;
mod following;
mod oracle;
mod rebuilding;
