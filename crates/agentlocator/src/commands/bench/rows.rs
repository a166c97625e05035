//! The statements that fill the tables: many rows in one, given as one JSON text.

use sea_orm::DbBackend;

/// A table that is filled from JSON objects.
pub struct Fill {
    table: &'static str,
    /// Columns and what each is filled with; `{name:type}` is a member of the object.
    columns: &'static [(&'static str, &'static str)],
}

pub const CUSTOMERS: Fill = Fill {
    table: "customers",
    columns: &[
        ("id", "{id:bigint}"),
        ("business_id", "$2"),
        ("name", "{name:text}"),
        ("company", "{company:text}"),
        ("status", "{status:text}"),
        ("phone", "{phone:text}"),
        ("email", "{email:text}"),
        ("tags", "'[]'"),
        ("custom", "'{}'"),
        ("last_contact_at", "{at:timestamptz}"),
        ("created_at", "{at:timestamptz}"),
        ("updated_at", "{at:timestamptz}"),
    ],
};

pub const IDENTITIES: Fill = Fill {
    table: "customer_identities",
    columns: &[
        ("business_id", "$2"),
        ("customer_id", "{id:bigint}"),
        ("kind", "{kind:text}"),
        ("value", "{value:text}"),
        ("reversed_digits", "{reversed:text}"),
        ("created_at", "{at:timestamptz}"),
    ],
};

pub const NAME_TOKENS: Fill = Fill {
    table: "customer_search_tokens",
    columns: &[
        ("business_id", "$2"),
        ("token", "{token:text}"),
        ("customer_id", "{id:bigint}"),
    ],
};

pub const TRIGRAMS: Fill = Fill {
    table: "search_trigrams",
    columns: &[
        ("business_id", "$2"),
        ("trigram", "{trigram:text}"),
        ("word", "{word:text}"),
    ],
};

pub const TEXT_TOKENS: Fill = Fill {
    table: "search_tokens",
    columns: &[
        ("business_id", "$2"),
        ("kind", "{kind:text}"),
        ("token", "{token:text}"),
        ("record_id", "{id:bigint}"),
    ],
};

pub const TASKS: Fill = Fill {
    table: "tasks",
    columns: &[
        ("id", "{id:bigint}"),
        ("business_id", "$2"),
        ("title", "{text:text}"),
        ("customer_id", "{customer:bigint}"),
        ("due_at", "{at:timestamptz}"),
        ("created_at", "{at:timestamptz}"),
        ("updated_at", "{at:timestamptz}"),
    ],
};

pub const NOTES: Fill = Fill {
    table: "customer_notes",
    columns: &[
        ("id", "{id:bigint}"),
        ("business_id", "$2"),
        ("text", "{text:text}"),
        ("customer_id", "{customer:bigint}"),
        ("mentions", "'[]'"),
        ("created_at", "{at:timestamptz}"),
        ("updated_at", "{at:timestamptz}"),
    ],
};

impl Fill {
    /// `$1` is a JSON list of objects, `$2` the business. A row that is there already stays.
    pub fn statement(&self, backend: DbBackend) -> String {
        let columns: Vec<&str> = self.columns.iter().map(|(column, _)| *column).collect();
        let mut members: Vec<String> = Vec::new();
        let mut values: Vec<String> = Vec::new();
        for (_, value) in self.columns {
            let member = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let Some((name, of_type)) = member.and_then(|member| member.split_once(':')) else {
                values.push(literal(backend, value));
                continue;
            };
            let declared = format!("\"{name}\" {of_type}");
            if !members.contains(&declared) {
                members.push(declared);
            }
            values.push(match backend {
                DbBackend::Postgres => format!("r.\"{name}\""),
                _ => format!("r.value->>'{name}'"),
            });
        }
        let from = match backend {
            DbBackend::Postgres => format!("jsonb_to_recordset($1::jsonb) AS r({})", members.join(", ")),
            _ => "json_each($1) AS r WHERE true".to_owned(),
        };
        format!(
            "INSERT INTO {} ({}) SELECT {} FROM {from} ON CONFLICT DO NOTHING",
            self.table,
            columns.join(", "),
            values.join(", ")
        )
    }
}

fn literal(backend: DbBackend, value: &str) -> String {
    match (backend, value.starts_with('\'')) {
        (DbBackend::Postgres, true) => format!("{value}::jsonb"),
        (DbBackend::Postgres, false) => format!("{value}::bigint"),
        _ => value.to_owned(),
    }
}

/// Events `$2` to before `$3`, in the order of time, of the customers that follow `$4`, of whom there are `$5`, in the
/// business `$1`. One in a hundred is the first customer's, one in a thousand the second's.
pub fn events(backend: DbBackend) -> String {
    let (numbers, json, at) = match backend {
        DbBackend::Postgres => (
            "SELECT i FROM generate_series($2::bigint, $3::bigint - 1) AS g(i)",
            "::jsonb",
            "to_timestamp(1500000000 + i * 20)",
        ),
        _ => (
            "WITH RECURSIVE n(i) AS (SELECT $2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $3) SELECT i FROM n",
            "",
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', 1500000000 + i * 20, 'unixepoch')",
        ),
    };
    let (business, first, many) = match backend {
        DbBackend::Postgres => ("$1::bigint", "$4::bigint", "$5::bigint"),
        _ => ("$1", "$4", "$5"),
    };
    format!(
        "INSERT INTO timeline_events (business_id, customer_id, kind, ref_id, title, data, ts)
         SELECT {business},
            CASE WHEN i % 100 = 0 THEN {first} + 1 WHEN i % 1000 = 1 THEN {first} + 2
                 ELSE {first} + 1 + (i * 2654435761) % {many} END,
            CASE (i / 100) % 8 WHEN 0 THEN 'call' WHEN 1 THEN 'call' WHEN 2 THEN 'call' WHEN 3 THEN 'whatsapp'
                 WHEN 4 THEN 'whatsapp' WHEN 5 THEN 'task' WHEN 6 THEN 'note' ELSE 'change' END,
            'seed:' || i,
            CASE i % 4 WHEN 0 THEN 'שיחה נכנסת' WHEN 1 THEN 'שאל על הצעת המחיר' WHEN 2 THEN 'סטטוס: חדש ← נוצר קשר'
                 ELSE 'לחזור עם תשובה על ריצוף האמבטיה' END,
            ('{{\"call_id\":' || i || ',\"direction\":\"in\",\"status\":\"completed\",\"outcome\":\"talked\",'
                || '\"duration_seconds\":' || (i % 600) || ',\"has_recording\":true,\"needs_callback\":false,'
                || '\"summary\":\"רוצה הצעת מחיר, ביקש שנחזור אליו מחר בבוקר\"}}'){json},
            {at}
         FROM ({numbers}) AS numbers"
    )
}
