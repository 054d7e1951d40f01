// The French names of the metrics that arms are compared by, for sentences that are read aloud in French. The
// catalogue itself, with the English names, is metric.ts; a test holds the two together.

import { METRICS, type Metric } from './metric.ts';

const LABELS: Readonly<Partial<Record<Metric, string>>> = {
  view_time: 'Temps de visionnage',
  ctr: 'Taux de clic (CTR)',
  cvr: 'Taux de conversion (CVR)',
  add_to_cart_rate: 'Taux d’ajout au panier',
  view_through_rate: 'Taux de visionnage complet (VTR)',
  recovery_rate: 'Taux de récupération des paniers abandonnés',
  sales_cycle_length: 'Durée du cycle de vente',
  average_basket: 'Panier moyen',
  revenue_per_visitor: 'Chiffre d’affaires par visiteur',
  repeat_purchase_rate: 'Taux de réachat',
  conquest_rate: 'Conquête (part de nouveaux clients)',
  market_share: 'Part de marché',
  attribution_share: 'Part attribuée des conversions',
  qualified_engagement: 'Engagement qualifié',
  share_of_voice: 'Part de voix (SOV)',
  sentiment: 'Sentiment (de -1 à 1)',
  nps: 'Net promoter score (NPS, moyenne de -1, 0 et 1)',
  ces: 'Score d’effort client (CES)',
  willingness_to_pay: 'Disposition à payer',
  brand_preference: 'Préférence de marque',
  churn: 'Attrition',
  retention_d30: 'Rétention à 30 jours',
  alignment_index: 'Indice d’alignement',
  trust: 'Confiance',
  responsible_choice_rate: 'Taux de choix responsables',
  co2_per_order: 'CO2 par commande',
  need_rate: 'Part des personnes interrogées qui ont le besoin',
};

/** The French name, or the catalogue's own for a metric that arms are not compared by. */
export function frenchLabel(metric: Metric): string {
  return LABELS[metric] ?? METRICS[metric].label;
}
