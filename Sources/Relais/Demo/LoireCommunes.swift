import Matching

/// Communes of the Loire for the demo network: the sixty largest, and rural ones from every corner of the département.
///
/// Facts: codes and postcodes as INSEE and La Poste give them, the centre to a thousandth of a degree, municipal population.
enum LoireCommunes {
    static let all: [Commune] = table.split(separator: "\n").compactMap { line in
        let fields = line.split(separator: " ", maxSplits: 5)
        guard fields.count == 6, let latitude = Double(fields[2]), let longitude = Double(fields[3]) else { return nil }
        return Commune(
            id: String(fields[0]), name: String(fields[5]), postcodes: fields[1].split(separator: ",").map(String.init),
            location: Location(latitude: latitude, longitude: longitude), population: Int(fields[4]), department: "42", kind: "COM",
            parent: nil)
    }

    /// INSEE code, postcodes, latitude, longitude, population, name. By population, then the rural ones from south to north.
    private static let table = """
        42218 42000,42100,42230 45.424 4.366 172718 Saint-Étienne
        42207 42400 45.469 4.508 35068 Saint-Chamond
        42187 42300 46.044 4.080 34762 Roanne
        42095 42700 45.383 4.289 17137 Firminy
        42147 42600 45.602 4.072 16064 Montbrison
        42279 42170 45.492 4.246 15419 Saint-Just-Saint-Rambert
        42186 42800 45.521 4.617 15214 Rive-de-Gier
        42044 42500 45.391 4.337 12066 Le Chambon-Feugerolles
        42184 42153 46.042 4.038 11045 Riorges
        42005 42160 45.535 4.277 10187 Andrézieux-Bouthéon
        42189 42230 45.427 4.328 9863 Roche-la-Molière
        42323 42340 45.562 4.290 8992 Veauche
        42316 42240 45.405 4.269 8479 Unieux
        42094 42110 45.732 4.231 8338 Feurs
        42183 42150 45.404 4.372 8046 La Ricamarie
        42302 42290 45.499 4.436 8042 Sorbiers
        42330 42390 45.468 4.352 7783 Villars
        42127 42300 46.092 4.066 7382 Mably
        42305 42350 45.477 4.426 7073 La Talaudière
        42071 42120 46.022 4.092 6889 Le Coteau
        42304 42450 45.543 4.178 6681 Sury-le-Comtal
        42237 42650 45.458 4.447 6611 Saint-Jean-Bonnefonds
        42223 42530 45.453 4.331 6183 Saint-Genest-Lerpt
        42275 42270 45.474 4.371 6164 Saint-Priest-en-Jarez
        42222 42330 45.604 4.314 5842 Saint-Galmier
        42149 42210 45.638 4.243 5550 Montrond-les-Bains
        42059 42140 45.629 4.372 5472 Chazelles-sur-Lyon
        42332 42300 45.998 4.026 5170 Villerest
        42256 42680 45.488 4.167 5060 Saint-Marcellin-en-Forez
        42103 42320 45.504 4.557 5026 La Grand-Croix
        42110 42152 45.493 4.543 4845 L'Horme
        42123 42420 45.509 4.582 4817 Lorette
        42271 42740 45.472 4.588 4771 Saint-Paul-en-Jarez
        42097 42480 45.500 4.320 4655 La Fouillouse
        42022 42160 45.523 4.225 4363 Bonson
        42285 42610 45.556 4.132 4108 Saint-Romain-le-Puy
        42225 42800 45.540 4.575 3843 Genilac
        42259 42800 45.552 4.592 3784 Saint-Martin-la-Plaine
        42099 42490 45.384 4.260 3779 Fraisses
        42052 42190 46.165 4.172 3712 Charlieu
        42234 42570 45.532 4.384 3686 Saint-Héand
        42168 42410 45.424 4.661 3682 Pélussin
        42299 42600 45.622 4.101 3468 Savigneux
        42182 42370 46.045 3.911 3200 Renaison
        42019 42130 45.750 4.007 3029 Boën-sur-Lignon
        42069 42120 45.996 4.057 3029 Commelle-Vernay
        42023 42220 45.304 4.562 2949 Bourg-Argental
        42224 42660 45.352 4.435 2917 Saint-Genest-Malifaux
        42056 42410 45.416 4.727 2889 Chavanay
        42165 42360 45.793 4.343 2862 Panissières
        42011 42510 45.830 4.181 2848 Balbigny
        42092 42580 45.494 4.372 2778 L'Étrat
        42177 42720 46.134 4.131 2576 Pouilly-sous-Charlieu
        42211 42160 45.541 4.233 2431 Saint-Cyprien
        42176 42155 46.043 3.979 2209 Pouilly-les-Nonains
        42170 42120 46.040 4.143 2099 Perreux
        42046 42600 45.639 4.048 2006 Champdieu
        42013 42210 45.641 4.309 1991 Bellegarde-en-Forez
        42242 42800 45.556 4.621 1972 Saint-Joseph
        42289 42470 45.947 4.223 1949 Saint-Symphorien-de-Lay
        42280 42660 45.287 4.453 412 Saint-Régis-du-Coin
        42287 42220 45.274 4.503 1085 Saint-Sauveur-en-Rue
        42146 42380 45.459 3.990 64 Montarcher
        42262 42240 45.411 4.174 1822 Saint-Maurice-en-Gourgois
        42306 42660 45.361 4.492 500 Tarentaise
        42129 42520 45.363 4.697 1834 Maclas
        42124 42520 45.372 4.702 302 Lupé
        42298 42990 45.664 3.860 370 Sauvain
        42117 42560 45.540 4.041 112 Lavieu
        42081 42330 45.605 4.260 1523 Cuzieu
        42055 42140 45.589 4.463 134 Châtelus
        42032 42320 45.522 4.531 1706 Cellieu
        42045 42440 45.744 3.759 38 La Chambonie
        42230 42260 45.833 4.009 1604 Saint-Germain-Laval
        42171 42590 45.871 4.131 284 Pinay
        42334 42780 45.852 4.346 1215 Violay
        42008 42370 46.009 3.867 113 Arcon
        42199 42370 46.027 3.932 1912 Saint-André-d'Apchon
        42025 42460 46.098 4.215 196 Boyer
        42128 42114 45.929 4.315 398 Machézal
        42317 42310 46.245 3.880 119 Urbise
        42026 42720 46.151 4.078 1724 Briennon
        42007 42460 46.135 4.288 217 Arcinges
        42015 42670 46.161 4.349 1448 Belmont-de-la-Loire
        """
}
