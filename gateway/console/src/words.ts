// Every word a person reads, in both languages. A key that is missing does not compile.

const english = {
  "now": "Now", "messages": "Messages", "parked": "Parked", "convert": "Convert", "patient": "Patient",
  "bench": "Bench", "evidence": "Evidence", "campaign": "Campaign", "access": "Access", "skip": "Skip to content",
  "language": "Français", "menu": "Menu", "sign out": "Sign out",
  "loading": "Loading…", "nothing": "Nothing here.", "retry": "Try again",
  "lost": "The connection to the gateway is lost. Trying again…",
  "denied": "You may not see this.", "missing": "There is no such page.",
  "sign in": "Sign in", "first start": "First start", "token": "Access token", "user": "User", "password": "Password",
  "token help": "The first start of the gateway printed where its token is.", "wrong token": "This is not accepted.",
  "time": "Time", "feed": "Feed", "format": "Format", "event": "Event", "control id": "Control id", "state": "State",
  "answer": "Answer", "filter": "Filter", "any": "any", "older": "Older", "newest": "Newest", "live": "Live",
  "kept": "kept", "stored": "stored", "refused": "refused", "withheld": "withheld", "delivered": "delivered",
  "parked state": "parked", "owed": "owed",
  "feeds": "Feeds", "targets": "Targets", "name": "Name", "address": "Address", "connections": "Connections",
  "authenticated": "authenticated", "unauthenticated": "unauthenticated", "backlog": "Backlog", "oldest": "Oldest",
  "certificate days": "Certificate, days", "all is well": "All is well: nothing waits for a person.",
  "look at parked": "Deliveries are parked: look at their cause, mend it, replay.",
  "look at refused": "Messages were refused today: tell their senders what to mend.",
  "not ready": "The gateway takes nothing in:",
  "source": "Source", "record": "FHIR", "findings": "Findings", "timeline": "Timeline", "ledger": "Ledger",
  "received": "received", "decided": "decided", "attempt": "attempt", "row": "row", "mapped": "mapped",
  "dropped": "left out on purpose", "unmapped": "unmapped", "severity": "Severity", "place": "Place", "text": "Text",
  "hash": "SHA-256", "cause": "Cause", "resources": "Resources written", "deliveries": "Deliveries", "target": "Target",
  "attempts": "Attempts", "next try": "Next try", "replay": "Replay", "replay all": "Replay all in order",
  "replayed": "Owed again.", "confirm replay": "Replay all {0} in order?", "count": "Count", "first": "First", "last": "Last",
  "paste": "Paste a message, document or resource, or drop a file here. Nothing is stored.", "convert it": "Convert",
  "verdict": "Verdict", "accepted": "accepted", "search": "Search", "identifier": "Identifier", "system": "System",
  "search help": "By identifier; it never stands in the address of this page.",
  "documents": "Documents", "results": "Results", "medications": "Medications", "allergies": "Allergies",
  "conditions": "Conditions", "immunizations": "Immunizations", "family history": "Family history", "who read": "Who read what",
  "who": "Who", "action": "Action", "resource": "Resource", "purpose": "Purpose", "masked": "masked",
  "born": "born", "value": "Value", "date": "Date", "title": "Title", "status": "Status",
  "tokens": "Tokens", "users": "Users", "issue": "Issue", "revoke": "Revoke", "new token": "Copy it now; it is not shown again:", "role": "Role", "audit": "Audit", "verified": "Chain verified up to {0}", "chain broken": "The chain is broken",
  "requirement": "Requirement", "expected": "Expected", "found": "Found", "repair": "How to mend it", "suite": "Suite",
  "check": "Check", "campaign help": "Run `passerelle campaign simulate` and open its report; its figures will show here.",
  "evidence help": "Run `passerelle label run` to fill the evidence ledger.",
} as const;

export type Word = keyof typeof english;

const french: Record<Word, string> = {
  "now": "Maintenant", "messages": "Messages", "parked": "En attente", "convert": "Convertir", "patient": "Patient",
  "bench": "Banc", "evidence": "Preuves", "campaign": "Campagne", "access": "Accès", "skip": "Aller au contenu",
  "language": "English", "menu": "Menu", "sign out": "Se déconnecter",
  "loading": "Chargement…", "nothing": "Rien ici.", "retry": "Réessayer",
  "lost": "La connexion à la passerelle est perdue. Nouvel essai…",
  "denied": "Vous ne pouvez pas voir ceci.", "missing": "Cette page n’existe pas.",
  "sign in": "Se connecter", "first start": "Premier démarrage", "token": "Jeton d’accès", "user": "Utilisateur", "password": "Mot de passe",
  "token help": "Le premier démarrage de la passerelle a indiqué où se trouve son jeton.", "wrong token": "Ce n’est pas accepté.",
  "time": "Heure", "feed": "Flux", "format": "Format", "event": "Événement", "control id": "Identifiant", "state": "État",
  "answer": "Réponse", "filter": "Filtrer", "any": "tous", "older": "Plus anciens", "newest": "Les plus récents", "live": "En direct",
  "kept": "conservé", "stored": "enregistré", "refused": "refusé", "withheld": "retenu", "delivered": "délivré",
  "parked state": "en attente", "owed": "à envoyer",
  "feeds": "Flux entrants", "targets": "Destinations", "name": "Nom", "address": "Adresse", "connections": "Connexions",
  "authenticated": "authentifié", "unauthenticated": "non authentifié", "backlog": "En file", "oldest": "Le plus ancien",
  "certificate days": "Certificat, jours", "all is well": "Tout va bien : rien n’attend personne.",
  "look at parked": "Des envois sont en attente : regardez la cause, corrigez, rejouez.",
  "look at refused": "Des messages ont été refusés aujourd’hui : dites à leurs émetteurs quoi corriger.",
  "not ready": "La passerelle n’accepte rien :",
  "source": "Source", "record": "FHIR", "findings": "Constats", "timeline": "Chronologie", "ledger": "Registre",
  "received": "reçu", "decided": "décidé", "attempt": "essai", "row": "ligne", "mapped": "repris",
  "dropped": "écarté volontairement", "unmapped": "non repris", "severity": "Gravité", "place": "Endroit", "text": "Texte",
  "hash": "SHA-256", "cause": "Cause", "resources": "Ressources écrites", "deliveries": "Envois", "target": "Destination",
  "attempts": "Essais", "next try": "Prochain essai", "replay": "Rejouer", "replay all": "Tout rejouer dans l’ordre",
  "replayed": "De nouveau à envoyer.", "confirm replay": "Rejouer les {0} dans l’ordre ?", "count": "Nombre", "first": "Premier", "last": "Dernier",
  "paste": "Collez un message, un document ou une ressource, ou déposez un fichier. Rien n’est conservé.", "convert it": "Convertir",
  "verdict": "Verdict", "accepted": "accepté", "search": "Chercher", "identifier": "Identifiant", "system": "Système",
  "search help": "Par identifiant ; il n’apparaît jamais dans l’adresse de cette page.",
  "documents": "Documents", "results": "Résultats", "medications": "Médicaments", "allergies": "Allergies",
  "conditions": "Problèmes", "immunizations": "Vaccinations", "family history": "Antécédents familiaux", "who read": "Qui a lu quoi",
  "who": "Qui", "action": "Action", "resource": "Ressource", "purpose": "Motif", "masked": "masqué",
  "born": "né(e) le", "value": "Valeur", "date": "Date", "title": "Titre", "status": "Statut",
  "tokens": "Jetons", "users": "Utilisateurs", "issue": "Émettre", "revoke": "Révoquer", "new token": "Copiez-le maintenant ; il ne sera plus montré :", "role": "Rôle", "audit": "Audit", "verified": "Chaîne vérifiée jusqu’à {0}", "chain broken": "La chaîne est rompue",
  "requirement": "Exigence", "expected": "Attendu", "found": "Trouvé", "repair": "Comment corriger", "suite": "Suite",
  "check": "Vérifier", "campaign help": "Lancez `passerelle campaign simulate` et ouvrez son rapport ; ses chiffres apparaîtront ici.",
  "evidence help": "Lancez `passerelle label run` pour remplir le registre des preuves.",
};

export type Language = "fr" | "en";
const stored = localStorage.getItem("language");
export let language: Language = stored === "fr" || stored === "en" ? stored : navigator.language.startsWith("fr") ? "fr" : "en";
document.documentElement.lang = language;

export function setLanguage(next: Language) {
  language = next;
  localStorage.setItem("language", next);
  document.documentElement.lang = next;
}

export function say(word: Word, ...values: (string | number)[]): string {
  const text = (language === "fr" ? french : english)[word];
  return text.replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)] ?? ""));
}

const stateWords: Record<string, Word> = {
  kept: "kept", stored: "stored", refused: "refused", withheld: "withheld", delivered: "delivered", parked: "parked state", owed: "owed",
};
export const sayState = (state: string): string => (stateWords[state] ? say(stateWords[state]) : state);

export function when(iso: string | null | undefined): string {
  if (!iso) return "";
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleString(language === "fr" ? "fr-FR" : "en-GB");
}
