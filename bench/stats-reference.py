# Times GrowthBook's gbstats, in processor time, on the cases that bench/stats.ts wrote, on the same machine in the same run.
# Usage: stats-reference.py CASES.json; prints one JSON object: per mode, cases a second and the results.
import json
import sys
import time

import numpy
from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
from gbstats.frequentist.tests import (
    FrequentistConfig,
    SequentialConfig,
    SequentialTwoSidedTTest,
    TwoSidedTTest,
)
from gbstats.models.statistics import RegressionAdjustedStatistic, SampleMeanStatistic

PASSES = 3
# Its e-value overflows on strong effects; the numbers compared here do not depend on it.
numpy.seterr(over="ignore")


def mean(arm, period="post"):
    sums = arm[period]
    return SampleMeanStatistic(n=arm["n"], sum=sums["sum"], sum_squares=sums["sumSquares"])


def adjusted(arm):
    return RegressionAdjustedStatistic(
        n=arm["n"],
        post_statistic=mean(arm),
        pre_statistic=mean(arm, "pre"),
        post_pre_sum_of_products=arm["sumOfProducts"],
        theta=0,  # replaced by gbstats with the one it computes
    )


def t_test(case):
    config = FrequentistConfig(alpha=0.05, test_value=0, difference_type="relative")
    return TwoSidedTTest(mean(case["control"]), mean(case["treatment"]), config).compute_result()


def sequential(case):
    config = SequentialConfig(
        alpha=0.05, test_value=0, difference_type="relative", sequential_tuning_parameter=5000
    )
    control, treatment = mean(case["control"]), mean(case["treatment"])
    return SequentialTwoSidedTTest(control, treatment, config).compute_result()


def bayes(case):
    prior = GaussianPrior(mean=0, variance=0.09, proper=True)
    config = EffectBayesianConfig(difference_type="relative", alpha=0.05, prior_effect=prior)
    return EffectBayesianABTest(mean(case["control"]), mean(case["treatment"]), config).compute_result()


def cuped(case):
    config = FrequentistConfig(alpha=0.05, test_value=0, difference_type="absolute")
    control, treatment = adjusted(case["control"]), adjusted(case["treatment"])
    return TwoSidedTTest(control, treatment, config).compute_result()


def measure(run, cases):
    results = [run(case) for case in cases]  # warm
    best = float("inf")
    for _ in range(PASSES):
        start = time.process_time()
        for case in cases:
            run(case)
        best = min(best, time.process_time() - start)
    rows = [[float(r.expected), float(r.ci[0]), float(r.ci[1])] for r in results]
    return {"perSecond": len(cases) / best, "rows": rows}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    modes = {"t": t_test, "sequential": sequential, "bayes": bayes, "cuped": cuped}
    print(json.dumps({mode: measure(run, cases) for mode, run in modes.items()}))


main()
