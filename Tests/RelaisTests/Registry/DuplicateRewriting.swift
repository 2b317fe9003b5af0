import Foundation
import Matching

@testable import Relais

/// How two people write down one place.
extension DuplicateCases {
    /// What a source has of a place: not everything.
    mutating func seen(_ place: WrittenPlace) -> WrittenPlace {
        var place = place
        if chance(25) { place.pivot = Siret.placeholder }
        if chance(10) { place.phone = nil }
        if chance(35) { place.emails = [] }
        if chance(20) { place.websites = [] }
        if chance(4) { place.location = nil }
        return place
    }

    /// What another source has of it.
    mutating func rewritten(_ place: WrittenPlace) -> WrittenPlace {
        var place = seen(place)
        place.name = name(place)
        place.address = address(place)
        place.communeName = commune(place)
        if chance(30) { place.commune = nil }
        if chance(30) { place.pivot = chance(70) ? Siret.placeholder : nil }
        phone(&place)
        if chance(35) { place.emails = chance(50) ? [] : ["accueil.\(int(1...999))@autre-boite.example"] }
        website(&place)
        location(&place)
        return place
    }

    private mutating func name(_ place: WrittenPlace) -> String {
        var name = place.name
        if chance(20) { name = otherWords(name) }
        if chance(18) {
            name =
                name.contains(place.communeName)
                ? name.replacingOccurrences(of: " - \(place.communeName)", with: "").replacingOccurrences(
                    of: " de \(place.communeName)", with: "")
                : "\(name) \(one(of: ["- ", "de ", ""]))\(place.communeName)"
        }
        if chance(12) {
            let body = one(of: [
                "Ville de \(place.communeName)", "CCAS", "Loire Forez agglo", "Saint-Étienne Métropole", "Léo Lagrange", "AGASEF",
            ])
            name = chance(50) ? "\(body) - \(name)" : "\(name) (\(body))"
        }
        if chance(22) { name = mistyped(name) }
        switch int(1...100) {
        case 1...15: name = name.uppercased()
        case 16...25: name = name.lowercased()
        case 26...40: name = name.folding(options: .diacriticInsensitive, locale: nil)
        case 41...50: name = name.replacingOccurrences(of: "Saint", with: "St")
        case 51...55: name = name.replacingOccurrences(of: " ", with: "  ")
        default: break
        }
        return name
    }

    /// The kind by another of its names: `Médiathèque` for `Bibliothèque`, `EPN` for `Espace public numérique`.
    private mutating func otherWords(_ name: String) -> String {
        for kind in DuplicateWords.kinds {
            for word in kind.words where name.hasPrefix(word) {
                return one(of: kind.words) + name.dropFirst(word.count)
            }
        }
        return name
    }

    private mutating func mistyped(_ text: String) -> String {
        var letters = Array(text)
        guard letters.count > 5 else { return text }
        let place = int(1...letters.count - 2)
        switch int(1...4) {
        case 1: letters.remove(at: place)
        case 2: letters.insert(letters[place], at: place)
        case 3: letters.swapAt(place, place + 1)
        default: letters[place] = one(of: Array("aeinrst"))
        }
        return String(letters)
    }

    private mutating func address(_ place: WrittenPlace) -> String {
        var address = place.address
        if chance(8) { return one(of: ["Mairie", "Le Bourg", "Maison des associations", "Place de l'Église", "Centre-ville"]) }
        if chance(35) {
            for (word, short) in [
                ("rue", "r."), ("avenue", "av."), ("boulevard", "Bd"), ("place", "Pl."), ("chemin", "chem."), ("route", "rte"),
            ] {
                address = address.replacingOccurrences(of: " \(word) ", with: " \(short) ")
            }
        }
        if chance(10) { address = address.split(separator: " ", maxSplits: 1).last.map(String.init) ?? address }
        if chance(6) { address = address.replacingOccurrences(of: " rue", with: " bis rue") }
        if chance(12) { address = mistyped(address) }
        if chance(12) { address += one(of: [", bâtiment B", " - 2ème étage", ", Maison des services", " BP 47"]) }
        if chance(6) { address = "\(one(of: ["Résidence les Tilleuls", "Maison de quartier", "Espace Jean Moulin"])), \(address)" }
        if chance(7) { address += " \(place.postcode) \(place.communeName.uppercased())" }
        if chance(15) { address = address.uppercased() }
        return address
    }

    private mutating func commune(_ place: WrittenPlace) -> String {
        switch int(1...10) {
        case 1: place.communeName.uppercased()
        case 2: place.communeName.replacingOccurrences(of: "Saint-", with: "St ")
        case 3: place.communeName.replacingOccurrences(of: "-", with: " ")
        case 4: "\(place.communeName.uppercased()) CEDEX \(int(1...2))"
        default: place.communeName
        }
    }

    private mutating func phone(_ place: inout WrittenPlace) {
        guard let phone = place.phone else { return }
        switch int(1...100) {
        case 1...20: place.phone = nil
        case 21...55: place.phone = "0477\(int(100_000...999_999))"
        case 56...75:
            let digits = Array("0" + phone.dropFirst(3))
            place.phone = stride(from: 0, to: 10, by: 2).map { String(digits[$0..<$0 + 2]) }.joined(separator: one(of: [" ", ".", "-"]))
        default: break
        }
    }

    private mutating func website(_ place: inout WrittenPlace) {
        guard let site = place.websites.first else { return }
        switch int(1...100) {
        case 1...20: place.websites = []
        case 21...35: place.websites = ["https://www.facebook.com/lieu\(int(1...9999))"]
        case 36...50: place.websites = [site.replacingOccurrences(of: "https://www.", with: "http://") + "/"]
        case 51...60: place.websites = [site.split(separator: "/").prefix(2).joined(separator: "//")]
        default: break
        }
    }

    private mutating func location(_ place: inout WrittenPlace) {
        switch int(1...100) {
        case 1...10: place.location = nil
        case 11...45: place.location = near(place.location, 5...60)
        case 46...70: place.location = near(place.location, 60...300)
        case 71...82: place.location = near(place.location, 300...800)
        case 83...86:
            // The middle of the town.
            place.location = DuplicateWords.communes.first { place.communeName.uppercased().hasPrefix($0.name.uppercased()) }
                .map { Location(latitude: $0.latitude, longitude: $0.longitude) }
        default: break
        }
    }
}
