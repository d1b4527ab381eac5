//! What kind of work a call is: calls of one class compete with each other, not with those of the others.

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Changes orders.
    Command,
    /// Reads what has a name.
    Read,
    /// Reads what is asked for in other ways, and so may be much.
    List,
    /// Begins a watch. Once it has begun, it is a call of no class.
    Watch,
}

/// The service whose calls are commands.
const COMMANDS: &str = "/orders.v1.OrderCommandService/";

impl Class {
    /// How many there are.
    pub(super) const COUNT: usize = 4;

    /// The class of the calls of a method.
    pub(super) fn of(path: &str) -> Self {
        if path.starts_with(COMMANDS) {
            return Self::Command;
        }
        match path.rsplit_once('/').map_or("", |(_, method)| method) {
            "ListOrders" | "ListOrderHistory" | "SearchOrders" | "AggregateOrders" => Self::List,
            "WatchOrders" => Self::Watch,
            _ => Self::Read,
        }
    }
}

/// Whether a method's calls are streams, which go on as long as their callers like.
pub(super) fn streams(path: &str) -> bool {
    path.ends_with("/ImportOrders") || path.ends_with("/WatchOrders")
}

#[cfg(test)]
mod tests {
    use orders_proto::FILE_DESCRIPTOR_SET;
    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn every_method_has_its_class_and_streams_are_known() {
        let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
        let services = set.file.iter().flat_map(|file| {
            file.service.iter().map(|service| (format!("{}.{}", file.package(), service.name()), service))
        });
        let mut counts = [0; Class::COUNT];
        for (name, service) in services.filter(|(name, _)| name.starts_with("orders.v1.")) {
            for method in &service.method {
                let path = format!("/{name}/{}", method.name());
                let is_stream = method.client_streaming() || method.server_streaming();
                assert_eq!(streams(&path), is_stream, "{path}");
                let is_paged = method.name().starts_with("List") || method.name().starts_with("Search");
                let class = Class::of(&path);
                assert!(!is_paged || class == Class::List, "{path}");
                assert_eq!(class == Class::Command, name.ends_with("CommandService"), "{path}");
                counts[class as usize] += 1;
            }
        }
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    }
}
