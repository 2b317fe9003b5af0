import Foundation
import Matching
import Postgres

/// A file of the communes: CSV with the columns `code_insee,nom,codes_postaux,latitude,longitude,population,departement,type,code_insee_parent`,
/// several postcodes separated by bars.
public struct CommuneFile: Sendable {
    let communes: [Commune]
    let rejected: [ImportReport.Note]
    let warnings: [ImportReport.Note]

    static let required = ["code_insee", "nom", "codes_postaux", "departement"]

    public init(_ bytes: [UInt8]) throws(ImportRefusal) {
        let file = try FileText(bytes)
        let csv = try CSV(file.text, required: Self.required)
        var communes: [Commune] = []
        var notes: [ImportReport.Note] = []
        var seen: Set<Commune.ID> = []
        for row in csv.rows {
            var row = Row(row, header: csv.header)
            let commune = row.commune()
            if let commune, !seen.insert(commune.id).inserted {
                row.reject("code_insee", commune.id, "duplicate", "An earlier row has the same code.")
            }
            if row.notes.isEmpty, let commune { communes.append(commune) }
            notes += row.notes
        }
        self.communes = communes
        rejected = notes
        warnings = file.warning.map { [ImportReport.Note(row: 1, code: "encoding", message: $0)] } ?? []
    }

    private struct Row {
        let number: Int
        let fields: [String: String]
        var notes: [ImportReport.Note] = []

        init(_ row: CSV.Row, header: [String]) {
            number = row.number
            fields = Dictionary(zip(header, row.fields).filter { !$1.isEmpty }) { first, _ in first }
            if let fault = row.fault { notes.append(ImportReport.Note(row: number, code: fault.code, message: fault.message)) }
        }

        mutating func reject(_ field: String, _ value: String?, _ code: String, _ message: String) {
            notes.append(ImportReport.Note(row: number, field: field, value: value, code: code, message: message))
        }

        mutating func commune() -> Commune? {
            guard notes.isEmpty else { return nil }
            for name in ["code_insee", "nom", "departement"] where fields[name] == nil {
                reject(name, nil, "required", "This is required.")
            }
            let code = fields["code_insee"] ?? ""
            if !code.isEmpty, !Form.insee.matches(code) { reject("code_insee", code, "format", "This must be \(Form.insee.words).") }
            let postcodes = (fields["codes_postaux"] ?? "").split(separator: "|").map(String.init)
            for postcode in postcodes where !Form.postcode.matches(postcode) {
                reject("codes_postaux", postcode, "format", "This must be \(Form.postcode.words).")
            }
            let latitude = number("latitude", in: -90...90)
            let longitude = number("longitude", in: -180...180)
            let population = number("population", in: 0...100_000_000)
            for (name, value) in fields where value.utf8.contains(0) {
                reject(name, value.replacingOccurrences(of: "\0", with: "␀"), "format", "This holds a NUL character, which no text may.")
            }
            var location: Location?
            if let latitude, let longitude {
                location = Location(latitude: latitude, longitude: longitude)
                if let mistake = location?.mistake { reject("latitude", fields["latitude"], mistake.code, mistake.message) }
            }
            guard notes.isEmpty else { return nil }
            return Commune(
                id: code, name: fields["nom"] ?? "", postcodes: postcodes, location: location, population: population.map { Int($0) },
                department: fields["departement"] ?? "", kind: fields["type"] ?? "COM", parent: fields["code_insee_parent"])
        }

        private mutating func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
            guard let text = fields[name] else { return nil }
            if let number = Double(text), range.contains(number) { return number }
            reject(name, text, "format", "This must be a number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
    }
}

/// Brings the communes in, or what has changed of them. Communes that a file no longer has stay: places may name them.
///
/// Files that list arrondissements often leave out the commune that these make up (Paris, Lyon, Marseille), by whose code zones, EPCI and searches know
/// it: it is made of its arrondissements, and is no row of the report.
public struct CommuneImport: Sendable {
    public init() {}

    public func run(_ file: CommuneFile, by caller: Caller, in tx: Session<RegistryError>) async throws(RegistryError) -> ImportReport {
        guard caller.isStaff else { throw .forbidden(member: nil) }
        var report = ImportReport()
        report.reject(file.rejected)
        report.warn(file.warnings)
        let size = 5000
        for start in stride(from: 0, to: file.communes.count, by: size) {
            let piece = Array(file.communes[start..<min(start + size, file.communes.count)])
            let created = try await tx.upsert(piece)
            report.created += created.count { $0 }
            report.updated += created.count { !$0 }
            report.unchanged += piece.count - created.count
        }
        _ = try await tx.upsert(try await tx.communesOfArrondissements(but: file.communes.map(\.id)))
        return report
    }
}

extension Session where Failure == RegistryError {
    /// What the arrondissements of the registry make up, but for the communes that a file has itself.
    func communesOfArrondissements(but known: [Commune.ID]) async throws(RegistryError) -> [Commune] {
        let made = try await query(
            """
            SELECT parent AS insee_code, min(name) AS name, NULL AS parent, NULL AS epci, min(department) AS department, 'COM' AS kind,
                   ARRAY(SELECT DISTINCT code FROM communes part, unnest(part.postcodes) AS code
                          WHERE part.kind = 'ARM' AND part.parent = communes.parent ORDER BY code) AS postcodes,
                   sum(latitude * population) / nullif(sum(population) FILTER (WHERE latitude IS NOT NULL), 0) AS latitude,
                   sum(longitude * population) / nullif(sum(population) FILTER (WHERE latitude IS NOT NULL), 0) AS longitude,
                   sum(population)::int AS population
              FROM communes WHERE kind = 'ARM' AND parent <> ALL (\(known)) GROUP BY communes.parent
            """, as: Commune.self)
        // "Lyon 1er Arrondissement"
        return made.map { commune in
            var commune = commune
            commune.name = String(commune.name.prefix { !$0.isNumber }).trimmed
            return commune
        }
    }

    /// Many rows in one statement, their columns as arrays. Rows that say the same are not touched.
    ///
    /// - Returns: Of each row that was written whether it was new. (`xmax` is 0 in a row that no UPDATE made.)
    func upsert(_ communes: [Commune]) async throws(RegistryError) -> [Bool] {
        try await values(
            """
            INSERT INTO communes AS c
                   (insee_code, name, name_key, postcodes, latitude, longitude, population, department, kind, parent)
            SELECT code, name, key, string_to_array(postcodes, '|'), latitude, longitude, population, department, kind, parent
              FROM unnest(
                \(communes.map(\.id)), \(communes.map(\.name)), \(communes.map { CommuneName.key($0.name) }),
                \(communes.map { $0.postcodes.joined(separator: "|") }), \(communes.map { $0.location?.latitude }),
                \(communes.map { $0.location?.longitude }), \(communes.map { $0.population }), \(communes.map(\.department)),
                \(communes.map(\.kind)), \(communes.map(\.parent)))
                AS new (code, name, key, postcodes, latitude, longitude, population, department, kind, parent)
            ON CONFLICT (insee_code) DO UPDATE
               SET (name, name_key, postcodes, latitude, longitude, population, department, kind, parent) =
                   (excluded.name, excluded.name_key, excluded.postcodes, excluded.latitude, excluded.longitude, excluded.population,
                    excluded.department, excluded.kind, excluded.parent)
             WHERE (c.*) IS DISTINCT FROM (excluded.*)
            RETURNING xmax = 0
            """, as: Bool.self)
    }
}
