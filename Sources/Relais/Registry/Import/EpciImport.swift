import Postgres

/// A file of who belongs to which EPCI: CSV with the columns `code_insee,siren_epci,nom_epci`, one row a commune.
public struct EpciFile: Sendable {
    struct Membership: Sendable {
        let row: Int
        let commune: Commune.ID
        let epci: Epci.ID
        let name: String
    }

    let memberships: [Membership]
    /// The name of each EPCI: the first that the file gives.
    let names: [Epci.ID: String]
    let rejected: [ImportReport.Note]
    let warnings: [ImportReport.Note]

    static let required = ["code_insee", "siren_epci", "nom_epci"]

    public init(_ bytes: [UInt8]) throws(ImportRefusal) {
        let file = try FileText(bytes)
        let csv = try CSV(file.text, required: Self.required)
        var memberships: [Membership] = []
        var rejected: [ImportReport.Note] = []
        var warnings = file.warning.map { [ImportReport.Note(row: 1, code: "encoding", message: $0)] } ?? []
        var names: [Epci.ID: String] = [:]
        var communes: Set<Commune.ID> = []
        for row in csv.rows {
            var notes: [ImportReport.Note] = []
            guard let membership = Self.membership(row, csv.header, &notes) else {
                rejected += notes
                continue
            }
            guard communes.insert(membership.commune).inserted else {
                rejected.append(
                    .init(
                        row: row.number, field: "code_insee", value: membership.commune, code: "duplicate",
                        message: "An earlier row has the same commune: it belongs to one EPCI."))
                continue
            }
            let name = names[membership.epci]
            if name == nil {
                names[membership.epci] = membership.name
                if !Siret.isSiren(membership.epci) {
                    warnings.append(
                        .init(
                            row: row.number, field: "siren_epci", value: membership.epci, code: "checksum",
                            message: "The check digit of this SIREN is wrong: it was taken as it stands."))
                }
            } else if let name, name != membership.name {
                warnings.append(
                    .init(
                        row: row.number, field: "nom_epci", value: membership.name, code: "other_name",
                        message: "An earlier row calls this EPCI \(name): that name was kept."))
            }
            memberships.append(membership)
        }
        self.memberships = memberships
        self.names = names
        self.rejected = rejected
        self.warnings = warnings
    }

    /// - Returns: nil when the row cannot be used: `notes` then has everything that keeps it out.
    private static func membership(_ row: CSV.Row, _ header: [String], _ notes: inout [ImportReport.Note]) -> Membership? {
        if let fault = row.fault {
            notes.append(.init(row: row.number, code: fault.code, message: fault.message))
            return nil
        }
        let fields = Dictionary(zip(header, row.fields.map { String($0.trimming { $0.isWhitespace }) })) { first, _ in first }
        func text(_ field: String, _ form: Form?) -> String {
            let value = fields[field] ?? ""
            if value.isEmpty {
                notes.append(.init(row: row.number, field: field, code: "required", message: "This is required."))
            } else if let form, !form.matches(value) {
                notes.append(.init(row: row.number, field: field, value: value, code: "format", message: "This must be \(form.words)."))
            } else if form == nil, value.unicodeScalars.count > 200 || value.utf8.contains(0) {
                notes.append(
                    .init(row: row.number, field: field, value: value, code: "length", message: "This must have 1 to 200 characters."))
            }
            return value
        }
        let (commune, epci, name) = (text("code_insee", .insee), text("siren_epci", .siren), text("nom_epci", nil))
        return notes.isEmpty ? Membership(row: row.number, commune: commune, epci: epci, name: name) : nil
    }
}

/// Brings in who belongs to which EPCI, or what has changed of it. Communes that a file does not have stay where they were: a file may be of one département.
public struct EpciImport: Sendable {
    public init() {}

    /// Counts communes: one is updated when it has changed its EPCI, or its EPCI its name.
    ///
    /// - Parameter dryRun: Tells what would happen, and writes nothing.
    public func run(
        _ file: EpciFile, dryRun: Bool = false, by caller: Caller, in tx: Session<RegistryError>
    ) async throws(RegistryError) -> ImportReport {
        guard caller.isStaff else { throw .forbidden(member: nil) }
        var report = ImportReport()
        report.reject(file.rejected)
        report.warn(file.warnings)
        // Two imports at once would count, and name, each other's.
        if !dryRun { try await tx.execute("LOCK TABLE epci_communes IN SHARE ROW EXCLUSIVE MODE") }
        let known = try await tx.memberships(of: file.memberships.map(\.commune))
        var written: [EpciFile.Membership] = []
        for membership in file.memberships {
            guard let was = known[membership.commune] else {
                let message = "There is no commune with this code: bring the communes in first."
                report.reject([
                    .init(row: membership.row, field: "code_insee", value: membership.commune, code: "unknown_code", message: message)
                ])
                continue
            }
            let name = file.names[membership.epci]
            if was.epci == membership.epci, was.name == name {
                report.unchanged += 1
                continue
            }
            if was.epci == nil { report.created += 1 } else { report.updated += 1 }
            written.append(membership)
        }
        report.sort()
        if dryRun || written.isEmpty { return report }
        let epci = Set(written.map(\.epci)).sorted()
        try await tx.upsert(epci.map { ($0, file.names[$0] ?? $0) })
        try await tx.upsert(written)
        return report
    }
}

/// A commune of the registry, and where it belongs so far.
private struct KnownMembership: RowDecodable {
    static let columns: SQL = "c.insee_code, e.siren, e.name"
    let commune: Commune.ID
    let epci: Epci.ID?
    let name: String?

    init(row: borrowing Row) throws(PostgresError) {
        commune = try row["insee_code"]
        epci = try row["siren"]
        name = try row["name"]
    }
}

extension Session where Failure == RegistryError {
    /// What the registry has of these communes; those that it does not know are missing.
    fileprivate func memberships(of communes: [Commune.ID]) async throws(RegistryError) -> [Commune.ID: KnownMembership] {
        let found = try await query(
            """
            SELECT \(KnownMembership.columns) FROM communes c
              LEFT JOIN epci_communes m ON m.commune = c.insee_code LEFT JOIN epci e ON e.siren = m.epci
             WHERE c.insee_code = ANY (\(communes))
            """, as: KnownMembership.self)
        return Dictionary(found.map { ($0.commune, $0) }) { first, _ in first }
    }

    fileprivate func upsert(_ epci: [(id: Epci.ID, name: String)]) async throws(RegistryError) {
        try await execute(
            """
            INSERT INTO epci (siren, name) SELECT * FROM unnest(\(epci.map(\.id)), \(epci.map(\.name)))
            ON CONFLICT (siren) DO UPDATE SET name = excluded.name WHERE epci.name <> excluded.name
            """)
    }

    fileprivate func upsert(_ memberships: [EpciFile.Membership]) async throws(RegistryError) {
        try await execute(
            """
            INSERT INTO epci_communes (commune, epci) SELECT * FROM unnest(\(memberships.map(\.commune)), \(memberships.map(\.epci)))
            ON CONFLICT (commune) DO UPDATE SET epci = excluded.epci
            """)
    }
}
