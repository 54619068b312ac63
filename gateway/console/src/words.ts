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
  "time": "Time", "feed": "Feed", "format": "Format", "event": "Event", "control id": "Control id", "finding": "Finding",
  "patient identifier": "Patient identifier", "not in the address": "system|value or value; it stands in no address, and the search is noted", "state": "State",
  "answer": "Answer", "filter": "Filter", "any": "any", "older": "Older", "newest": "Newest", "live": "Live",
  "kept": "kept", "stored": "stored", "refused": "refused", "withheld": "withheld", "delivered": "delivered",
  "parked state": "parked", "owed": "owed",
  "feeds": "Feeds", "targets": "Targets", "name": "Name", "address": "Address", "connections": "Connections",
  "authenticated": "authenticated", "unauthenticated": "unauthenticated", "backlog": "Backlog", "oldest": "Oldest",
  "certificate days": "Certificate days", "all is well": "All is well: nothing waits for a person.",
  "look at parked": "Deliveries are parked: look at their cause, mend it, replay.",
  "look at refused": "Messages were refused today: tell their senders what to mend.",
  "not ready": "The gateway takes nothing in:",
  "source": "Source", "record": "FHIR", "findings": "Findings", "timeline": "Timeline", "ledger": "Ledger",
  "received": "received", "decided": "decided", "attempt": "attempt", "row": "row", "mapped": "mapped",
  "dropped": "left out on purpose", "unmapped": "unmapped", "severity": "Severity", "place": "Place", "text": "Text",
  "hash": "SHA-256", "cause": "Cause", "resources": "Resources written", "deliveries": "Deliveries", "target": "Target",
  "attempts": "Attempts", "next try": "Next try", "replay": "Replay", "replay all": "Replay all in order",
  "replayed": "{0} leave again.", "confirm replay": "Replay all {0} in order?", "count": "Count", "first": "First", "last": "Last",
  "paste": "Paste a message, document or resource, or drop a file here. Nothing is stored.", "convert it": "Convert",
  "verdict": "Verdict", "accepted": "accepted", "search": "Search", "identifier": "Identifier", "system": "System",
  "search help": "By identifier; it never stands in the address of this page.",
  "documents": "Documents", "results": "Results", "medications": "Medications", "allergies": "Allergies",
  "conditions": "Conditions", "immunizations": "Immunizations", "family history": "Family history", "who read": "Who read what",
  "who": "Who", "action": "Action", "resource": "Resource", "purpose": "Purpose", "masked": "masked",
  "born": "born", "value": "Value", "date": "Date", "title": "Title", "status": "Status",
  "tokens": "Tokens", "users": "Users", "issue": "Issue", "revoke": "Revoke", "new token": "Copy it now; it is not shown again:", "role": "Role", "audit": "Audit", "verified": "Chain verified up to {0}", "chain broken": "The chain is broken",
  "requirement": "Requirement", "expected": "Expected", "found": "Found", "repair": "How to mend it", "suite": "Suite",
  "check": "Check", "campaign help": "Run `passerelle campaign simulate --out BENCH/campaign`, BENCH being the bench’s folder; its figures show here.",
  "evidence help": "Close a run of the bench, or use `passerelle label run`: its verdicts stand here.",
  "message": "Message", "operate": "Operate", "the record": "Record", "labelling": "Labelling",
  "administer": "Administration", "bench run": "Run", "fails": "fails", "warns": "warns", "undecided": "undecided",
  "by a person": "for a person", "holds": "holds", "met": "met", "concerned": "concerned", "not concerned": "not concerned", "fact": "fact", "fit": "fit",
  "model": "model", "counted": "counted", "fact help": "published",
  "fit help": "chosen so that the curve meets published points", "model help": "invented",
  "counted help": "counted in real runs", "product": "Product", "version": "Version", "begin a run": "Begin a run",
  "bench help": "A run has a gateway of its own, apart from the record. Send to it from your product, or drop files; each requirement turns green or red as it is judged.",
  "open": "Open", "runs": "Runs", "begun": "Begun", "closed": "closed", "open now": "open", "by": "By",
  "send here": "Send here", "copy certificate": "Copy the certificate",
  "or drop": "Or paste a message, document or resource, or drop files here.", "send": "Send",
  "choose files": "Choose files", "requirements": "Requirements", "waiting": "waiting",
  "waiting for a message": "waiting for a message", "no answer": "no answer", "judged": "judged",
  "being judged": "being judged…", "bytes": "Bytes", "reports": "Reports", "close run": "Close the run",
  "close help": "Closing writes the verdicts to the evidence ledger; nothing is taken any more.", "all": "all",
  "changed": "changed since", "undone": "not met", "show": "Show",
  "clock set back": "The clock was set back between two entries.", "last entry": "Last entry",
  "compared": "Compared with version {0}: {1} requirements changed.",
  "no version before": "There is no earlier version under this suite.", "the same": "the same", "labels": "Labels",
  "granted": "Granted", "expires": "Expires", "bench runs failed": "Bench runs that failed, by week",
  "refused in the field": "Messages refused in the field, by week", "documents fed": "Documents fed, millions a week",
  "labelled": "Labelled", "open dossiers": "open dossiers", "labels over time": "Labels over time", "share by kind": "Share labelled, by kind of software",
  "survival": "Weeks from admission to label", "week": "week {0}", "without a label": "without a label",
  "share fed": "Share of sites really feeding", "figure": "Figure", "origin": "Mark", "source of it": "From",
  "runs behind": "Runs behind the figure", "back to figures": "← All figures", "week word": "Week", "kind": "Kind",
  "failed": "Failed", "share": "Share",
  "campaign says": "{0} products, {1} bench runs, {2} field messages. Simulated: vendors, repair and volumes are modelled; every verdict and refusal comes from a real run.",
  "marks": "Each figure is marked:", "by kind": "Labels by kind of software", "fails most": "What fails most",
  "indicators": "Indicators", "how well": "How well it fits", "went in": "What went in", "seed": "Seed {0}, log",
  "text view": "Text", "places": "Places", "resources word": "resources",
  "point help": "Point at either side to see the other.", "masked here": "The source and the record are masked",
  "reveal help": "For ten minutes, for a reason that stands in the audit.", "reason": "Reason", "reveal": "Reveal",
  "no difference": "No difference.", "before": "Before", "after": "After",
  "sandbox differs": "What today’s tables would change", "replay differs": "Difference to the previous replay",
  "confirm real": "Process this message again for real?", "tried anew": "Tried anew: {0}.",
  "answer stands": "The first answer stands; nothing was changed.", "try in sandbox": "Try in the sandbox",
  "replay for real": "Replay for real", "compare replay": "Difference to the previous replay",
  "download source": "Download", "in the sandbox": "In the sandbox:", "acknowledgement": "Acknowledgement",
  "certificate ends": "The certificate of {0} ends in {1} days: renew it.", "peer": "Peer",
  "per minute": "Last minute", "p99": "Answer, p99", "since": "Since", "until": "Until",
  "parked help": "Deliveries that a person must look at, by cause. Mend the cause, see what a replay would do, replay.",
  "would replay": "{0} would leave again, in order.", "cancel": "Cancel", "dry run": "Dry run",
  "role operator": "runs the gateway", "role vendor": "tests a product", "role auditor": "reads the evidence",
  "role care": "treats patients", "role patient": "reads his own record", "role admin": "administers",
  "role feed": "sends messages", "rights": "Rights", "representative": "representative", "may delete": "may delete",
  "add user": "Add or change", "remove": "Remove", "confirm remove": "Remove {0}?", "issued": "Issued",
  "certificates": "Certificates", "yes": "yes", "no": "no", "valid for": "Valid for", "days": "{0} days",
  "no certificate": "no certificate", "professionals": "professionals", "the patient": "the patient",
  "representatives": "legal representatives", "masked from": "Hidden from", "curves": "Curves",
  "nothing about": "Nothing about:",
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
  "time": "Heure", "feed": "Flux", "format": "Format", "event": "Événement", "control id": "Identifiant", "finding": "Constat",
  "patient identifier": "Identifiant du patient", "not in the address": "système|valeur ou valeur ; il ne figure dans aucune adresse, et la recherche est tracée", "state": "État",
  "answer": "Réponse", "filter": "Filtrer", "any": "tous", "older": "Plus anciens", "newest": "Les plus récents", "live": "En direct",
  "kept": "conservé", "stored": "enregistré", "refused": "refusé", "withheld": "retenu", "delivered": "délivré",
  "parked state": "en attente", "owed": "à envoyer",
  "feeds": "Flux entrants", "targets": "Destinations", "name": "Nom", "address": "Adresse", "connections": "Connexions",
  "authenticated": "authentifié", "unauthenticated": "non authentifié", "backlog": "En file", "oldest": "Le plus ancien",
  "certificate days": "Jours du certificat", "all is well": "Tout va bien : rien n’attend personne.",
  "look at parked": "Des envois sont en attente : regardez la cause, corrigez, rejouez.",
  "look at refused": "Des messages ont été refusés aujourd’hui : dites à leurs émetteurs quoi corriger.",
  "not ready": "La passerelle n’accepte rien :",
  "source": "Source", "record": "FHIR", "findings": "Constats", "timeline": "Chronologie", "ledger": "Registre",
  "received": "reçu", "decided": "décidé", "attempt": "essai", "row": "ligne", "mapped": "repris",
  "dropped": "écarté volontairement", "unmapped": "non repris", "severity": "Gravité", "place": "Endroit", "text": "Texte",
  "hash": "SHA-256", "cause": "Cause", "resources": "Ressources écrites", "deliveries": "Envois", "target": "Destination",
  "attempts": "Essais", "next try": "Prochain essai", "replay": "Rejouer", "replay all": "Tout rejouer dans l’ordre",
  "replayed": "{0} repartent.", "confirm replay": "Rejouer les {0} dans l’ordre ?", "count": "Nombre", "first": "Premier", "last": "Dernier",
  "paste": "Collez un message, un document ou une ressource, ou déposez un fichier. Rien n’est conservé.", "convert it": "Convertir",
  "verdict": "Verdict", "accepted": "accepté", "search": "Chercher", "identifier": "Identifiant", "system": "Système",
  "search help": "Par identifiant ; il n’apparaît jamais dans l’adresse de cette page.",
  "documents": "Documents", "results": "Résultats", "medications": "Médicaments", "allergies": "Allergies",
  "conditions": "Problèmes", "immunizations": "Vaccinations", "family history": "Antécédents familiaux", "who read": "Qui a lu quoi",
  "who": "Qui", "action": "Action", "resource": "Ressource", "purpose": "Motif", "masked": "masqué",
  "born": "né(e) le", "value": "Valeur", "date": "Date", "title": "Titre", "status": "Statut",
  "tokens": "Jetons", "users": "Utilisateurs", "issue": "Émettre", "revoke": "Révoquer", "new token": "Copiez-le maintenant ; il ne sera plus montré :", "role": "Rôle", "audit": "Audit", "verified": "Chaîne vérifiée jusqu’à {0}", "chain broken": "La chaîne est rompue",
  "requirement": "Exigence", "expected": "Attendu", "found": "Trouvé", "repair": "Comment corriger", "suite": "Suite",
  "check": "Vérifier", "campaign help": "Lancez `passerelle campaign simulate --out BANC/campaign`, BANC étant le dossier du banc ; ses chiffres apparaissent ici.",
  "evidence help": "Clôturez un essai du banc, ou lancez `passerelle label run` : les verdicts figurent ici.",
  "message": "Message", "operate": "Exploitation", "the record": "Dossier", "labelling": "Labellisation",
  "administer": "Administration", "bench run": "Essai", "fails": "en échec", "warns": "alerte",
  "undecided": "indécis", "by a person": "pour une personne", "holds": "valable", "met": "satisfaite", "concerned": "concernées", "not concerned": "sans objet",
  "fact": "fait", "fit": "ajusté", "model": "modèle", "counted": "compté", "fact help": "publié",
  "fit help": "choisi pour que la courbe passe par les points publiés", "model help": "inventé",
  "counted help": "compté sur des essais réels", "product": "Produit", "version": "Version",
  "begin a run": "Commencer un essai",
  "bench help": "Un essai a sa propre passerelle, à l’écart du dossier. Envoyez-lui des messages depuis votre produit ou déposez des fichiers ; chaque exigence passe au vert ou au rouge dès qu’elle est jugée.",
  "open": "Ouvrir", "runs": "Essais", "begun": "Commencé", "closed": "clos", "open now": "ouvert", "by": "Par",
  "send here": "Envoyez ici", "copy certificate": "Copier le certificat",
  "or drop": "Ou collez un message, un document ou une ressource, ou déposez des fichiers ici.", "send": "Envoyer",
  "choose files": "Choisir des fichiers", "requirements": "Exigences", "waiting": "en attente",
  "waiting for a message": "en attente d’un message", "no answer": "sans réponse", "judged": "jugé",
  "being judged": "jugement en cours…", "bytes": "Octets", "reports": "Rapports", "close run": "Clore l’essai",
  "close help": "La clôture inscrit les verdicts au registre des preuves ; plus rien n’est accepté ensuite.",
  "all": "toutes", "changed": "changées depuis", "undone": "non satisfaites", "show": "Afficher",
  "clock set back": "L’horloge a été reculée entre deux inscriptions.", "last entry": "Dernière inscription",
  "compared": "Par rapport à la version {0} : {1} exigences ont changé.",
  "no version before": "Il n’y a pas de version antérieure sous cette suite.", "the same": "identique",
  "labels": "Labels", "granted": "Accordé", "expires": "Expire", "bench runs failed": "Essais en échec, par semaine",
  "refused in the field": "Messages refusés sur le terrain, par semaine",
  "documents fed": "Documents déposés, millions par semaine", "labelled": "Labellisés",
  "open dossiers": "dossiers ouverts", "labels over time": "Labels au fil du temps", "share by kind": "Part labellisée, par type de logiciel",
  "survival": "Semaines de l’admission au label", "week": "semaine {0}", "without a label": "sans label",
  "share fed": "Part des sites qui alimentent vraiment", "figure": "Chiffre", "origin": "Nature",
  "source of it": "D’où", "runs behind": "Essais derrière le chiffre", "back to figures": "← Tous les chiffres",
  "week word": "Semaine", "kind": "Type", "failed": "En échec", "share": "Part",
  "campaign says": "{0} produits, {1} essais, {2} messages de terrain. Simulé : éditeurs, corrections et volumes sont modélisés ; chaque verdict et chaque refus vient d’un essai réel.",
  "marks": "Chaque chiffre est marqué :", "by kind": "Labels par type de logiciel",
  "fails most": "Ce qui échoue le plus", "indicators": "Indicateurs", "how well": "Qualité de l’ajustement",
  "went in": "Ce qui est entré", "seed": "Graine {0}, journal", "text view": "Texte", "places": "Endroits",
  "resources word": "ressources", "point help": "Pointez un côté pour voir l’autre.",
  "masked here": "La source et le dossier sont masqués",
  "reveal help": "Pour dix minutes, avec un motif inscrit à l’audit.", "reason": "Motif", "reveal": "Dévoiler",
  "no difference": "Aucune différence.", "before": "Avant", "after": "Après",
  "sandbox differs": "Ce que les tables d’aujourd’hui changeraient",
  "replay differs": "Différence avec le rejeu précédent",
  "confirm real": "Traiter de nouveau ce message pour de vrai ?", "tried anew": "Traité de nouveau : {0}.",
  "answer stands": "La première réponse reste ; rien n’a changé.", "try in sandbox": "Essayer dans le bac à sable",
  "replay for real": "Rejouer pour de vrai", "compare replay": "Différence avec le rejeu précédent",
  "download source": "Télécharger", "in the sandbox": "Dans le bac à sable :",
  "acknowledgement": "Accusé de réception",
  "certificate ends": "Le certificat de {0} expire dans {1} jours : renouvelez-le.", "peer": "Pair",
  "per minute": "Dernière minute", "p99": "Réponse, p99", "since": "Depuis", "until": "Jusqu’à",
  "parked help": "Envois qu’une personne doit regarder, par cause. Corrigez la cause, voyez ce qu’un rejeu ferait, rejouez.",
  "would replay": "{0} repartiraient, dans l’ordre.", "cancel": "Annuler", "dry run": "Essai à blanc",
  "role operator": "exploite la passerelle", "role vendor": "teste un produit", "role auditor": "lit les preuves",
  "role care": "soigne", "role patient": "lit son dossier", "role admin": "administre",
  "role feed": "envoie des messages", "rights": "Droits", "representative": "représentant",
  "may delete": "peut supprimer", "add user": "Ajouter ou modifier", "remove": "Retirer",
  "confirm remove": "Retirer {0} ?", "issued": "Émis", "certificates": "Certificats", "yes": "oui", "no": "non",
  "valid for": "Valable", "days": "{0} jours", "no certificate": "aucun certificat",
  "professionals": "professionnels", "the patient": "le patient", "representatives": "représentants légaux",
  "masked from": "Masqué à", "curves": "Courbes", "nothing about": "Rien sur :",
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

// How long something has waited, in the largest unit that says it.
export function ago(since: string | null | undefined, now: string): string {
  if (!since) return "–";
  const seconds = Math.max(0, (Date.parse(now) - Date.parse(since)) / 1000);
  const [size, unit] = ([[86_400, "d"], [3_600, "h"], [60, "min"]] as const).find(([s]) => seconds >= s) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit === "d" && language === "fr" ? "j" : unit}`;
}
