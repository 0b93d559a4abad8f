"""English words to make companies, people and goods from."""

from __future__ import annotations

FIRST_NAMES = (
    "Margaret", "Harold", "Eleanor", "Douglas", "Frances", "Walter", "Beatrice", "Leonard", "Dorothy", "Raymond",
    "Priya", "Anders", "Camille", "Mateo", "Ingrid", "Tobias", "Nadia", "Oscar", "Helena", "Victor", "Amelia",
    "Jonathan", "Rosalind", "Gregory", "Sylvia", "Patrick", "Miriam", "Desmond", "Claire", "Vincent", "Louise",
    "Frederick", "Adriana", "Simon", "Katherine", "Julian", "Bridget", "Malcolm", "Theresa", "Nathan",
)  # fmt: skip
LAST_NAMES = (
    "Ashworth", "Bellamy", "Carmichael", "Dunmore", "Eastwood", "Fairbanks", "Goddard", "Hathaway", "Iverson",
    "Jessop", "Kendrick", "Lindqvist", "Merriweather", "Norwood", "Okafor", "Pemberton", "Quimby", "Rasmussen",
    "Sutherland", "Thackeray", "Underhill", "Vasquez", "Whitcombe", "Yardley", "Zimmerman", "Abernathy", "Brightman",
    "Calloway", "Delacroix", "Esterhazy", "Fitzgerald", "Grimshaw", "Holloway", "Ingleby", "Kowalski", "Lockhart",
    "Montague", "Nightingale", "Osborne", "Prescott", "Ravenscroft", "Sinclair", "Tremblay", "Villiers", "Winslow",
)  # fmt: skip
BRAND_FIRST = (
    "Hal", "Nor", "Ash", "Brim", "Cal", "Dun", "East", "Fair", "Glen", "Har", "Inver", "Kel", "Lang", "Mar", "Neth",
    "Oak", "Pem", "Quar", "Raven", "Stan", "Thorn", "Under", "Vel", "West", "Yar", "Zel", "Aber", "Black", "Cran",
    "Den", "Elm", "Fox", "Grey", "Haz", "Iron", "Kirk", "Lin", "Mill", "North", "Old", "Pine", "Red", "Sil", "Tarn",
    "Ul", "Vant", "Whit", "Bar", "Carls", "Dray", "Els", "Fen", "Gar", "Holm", "Lock", "Mont", "Prest", "Ross",
)  # fmt: skip
BRAND_SECOND = (
    "den", "wick", "ford", "ton", "well", "mere", "bridge", "stone", "field", "haven", "gate", "worth", "dale", "croft",
    "brook", "mont", "vale", "ham", "burn", "hurst", "ley", "shaw", "stead", "bury", "cote", "thorpe", "ridge", "crest",
    "minster", "holt", "combe", "lea", "sted", "pool", "march", "bourne", "cliff", "moor",
)  # fmt: skip
COMPANY_FORMS = ("Ltd", "Inc.", "LLC", "plc", "GmbH", "Corporation", "& Sons Ltd", "Group Ltd")
TOWNS = (
    ("Bristol", "BS1 4DJ"), ("Leeds", "LS1 5QX"), ("Norwich", "NR2 1TF"), ("Boston, MA", "02110"),
    ("Portland, OR", "97204"), ("Cleveland, OH", "44113"), ("Rotterdam", "3011 AD"), ("Hamburg", "20457"),
    ("Aarhus", "8000"), ("Dublin", "D02 X285"), ("Halifax, NS", "B3J 1S9"), ("Perth, WA", "6000"),
    ("Auckland", "1010"), ("Antwerp", "2000"), ("Glasgow", "G1 2FF"), ("Exeter", "EX1 1HS"),
)  # fmt: skip
STREETS = (
    "Wharf Road", "Mill Lane", "Station Approach", "Harbour Street", "Foundry Row", "Market Square", "Chapel Hill",
    "Commerce Avenue", "Granary Court", "Victoria Parade", "Canal Side", "Orchard Drive", "Weaver Street",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
