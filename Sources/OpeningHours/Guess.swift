/// What else may be meant where something was guessed, or does not hold where it seems to: in English by itself, as all warnings are, and in French.
enum Guess: String {
    case mardi = "This was taken for mardi, as there are other days in French. Tuesday is written Tu, and March Mar."
    case march = "This was taken for March. If mardi is meant: Tuesday is written Tu."
    case bareDays = "These days have no times of their own, so they were taken for open all day."
    case words =
        "Open all day on these days, whatever the words say. Times stand before the words; unknown before them says that nobody knows the times."
    case closesNothing =
        "This rule closes nothing, as later ones hold on its days, too. It would if it stood last, as in Mo-Fr 09:00-12:00; PH off."
    case otherwiseClosesNothing =
        "This rule closes nothing: after || a rule counts only where nothing before is open. It would after a semicolon: Mo-Fr 09:00-12:00; PH off."
    case closesLess =
        "This rule does not close the days of the later ones. It would if it stood last, as in Mo-Fr 09:00-12:00; PH off."
    case hasNoEffect =
        "This rule has no effect, as later ones replace it on its days. Hours that are added to others follow a comma; exceptions stand last."
    case isReplaced =
        "This rule does not hold on the days of the later ones, which replace it there. It would if it stood last; hours that are added follow a comma."

    var french: String {
        switch self {
        case .mardi: "Lu comme « mardi », puisque d’autres jours sont en français. Mardi s’écrit Tu, et mars s’écrit Mar."
        case .march: "Lu comme le mois de mars. Si c’est mardi : il s’écrit Tu."
        case .bareDays: "Ces jours n’ont pas d’heures à eux : ils comptent comme ouverts toute la journée."
        case .words:
            "Ouvert toute la journée ces jours-là, quoi que disent les mots. Les heures se mettent avant eux ; unknown dit que personne ne les connaît."
        case .closesNothing:
            "Cette règle ne ferme rien : les suivantes valent aussi ces jours-là. À la fin, elle fermerait : Mo-Fr 09:00-12:00; PH off."
        case .otherwiseClosesNothing:
            "Cette règle ne ferme rien : après ||, elle ne vaut que là où rien n’est ouvert. Après un point-virgule, elle fermerait : Mo-Fr 09:00-12:00; PH off."
        case .closesLess:
            "Cette règle ne ferme pas les jours des règles suivantes. À la fin, elle les fermerait : Mo-Fr 09:00-12:00; PH off."
        case .hasNoEffect:
            "Cette règle est sans effet : les suivantes la remplacent. Des heures en plus se mettent après une virgule, les exceptions à la fin."
        case .isReplaced:
            "Cette règle ne vaut pas les jours des suivantes, qui la remplacent. Elle vaudrait à la fin ; des heures en plus se mettent après une virgule."
        }
    }
}
