"""Terms of known vocabularies that rdflib's lists, which are older, do not have; as of November 2026.

That of schema.org is of the package schema-dts 2.1.0, that of DCAT is version 3, those of XSD and RDF XSD 1.1
and RDF 1.2.
"""

from collections.abc import Mapping

from rdflib import DCAT, RDF, SDO, SH, XSD

from destgraph.validation import shacl_terms

_RDF = "dirLangString langRange reifies Proposition TripleTerm"
_XSD = "anyType anySimpleType anyAtomicType error"
_DCAT = """
DatasetSeries first hasCurrentVersion hasVersion inCatalog inSeries isDistributionOf isVersionOf last next nextVersion
prev previousVersion resource seriesMember version
"""
_SCHEMA = """
AdultOrientedEnumeration AlcoholConsideration AlgorithmicMediaDigitalSource AlgorithmicallyEnhancedDigitalSource
AndroidPlatform Audiology AuthenticateAction ByBankTransferInAdvance ByInvoice COD Cash Certification
CertificationActive CertificationInactive CertificationStatusEnumeration CheckInAdvance
CompositeCaptureDigitalSource CompositeDigitalSource CompositeSyntheticDigitalSource
CompositeWithTrainedAlgorithmicMediaDigitalSource ConferenceEvent ConstraintNode Cooperative Credential
DECooperativeCharity DEFoundationCharity DEJointStockCompanyCharity DELimitedLiabilityCharity DENonprofitType
DENotRegisteredAssociationCharity DEPublicCharity DERegisteredAssociationCharity DangerousGoodConsideration
DataDrivenMediaDigitalSource DeclarationOfConformity DemoGameAvailability DesktopWebPlatform
DigitalArtDigitalSource DigitalCaptureDigitalSource DigitalPlatformEnumeration DigitalProductPassport
DirectDebit EnvironmentalProductDeclaration Error ExampleMeasurementMethodEnum False FinancialIncentive
FulfillmentTypeCollectionPoint FulfillmentTypeDelivery FulfillmentTypeEnumeration FulfillmentTypePickupDropoff
FulfillmentTypePickupInStore FulfillmentTypeScheduledDelivery FullGameAvailability GameAvailabilityEnumeration
GenericWebPlatform HealthcareConsideration IOSPlatform IPTCDigitalSourceEnumeration ITAmateurSportsClubCharity
ITAssociativeNetworkCharity ITCooperativeCharity ITMutualAidCharity ITNonprofitType
ITOtherThirdSectorEntityCharity ITPhilanthropicEntityCharity ITSocialCompanyCharity ITSocialCooperativeCharity
ITSocialEnterpriseCharity ITSocialPromotionCharity ITSportCompanyCharity ITVolunteerAssociationCharity
InStorePrepay IncentiveQualifiedExpenseType IncentiveQualifiedExpenseTypeGoodsOnly
IncentiveQualifiedExpenseTypeGoodsOrServices IncentiveQualifiedExpenseTypeServicesOnly
IncentiveQualifiedExpenseTypeUtilityBill IncentiveStatus IncentiveStatusActive IncentiveStatusInDevelopment
IncentiveStatusOnHold IncentiveStatusRetired IncentiveType IncentiveTypeLoan IncentiveTypeRebateOrSubsidy
IncentiveTypeTaxCredit IncentiveTypeTaxDeduction IncentiveTypeTaxWaiver IndividualPhysician InstantaneousEvent
KeepProduct LoginAction MadeToOrder MaximumRetailPrice MeasurementMethodEnum MediaEnumeration MemberProgram
MemberProgramTier MinorHumanEditsDigitalSource MobileWebPlatform MultiFrameComputationalCaptureDigitalSource
NarcoticConsideration NegativeFilmDigitalSource OnlineBusiness OnlineMarketplace OnlineStore OperatingSystem
Ophthalmology Pamphlet PaymentMethodType PerformingArtsEvent PhoneCarrierPayment PhysiciansOffice PlayGameAction
PoliticalParty PositiveFilmDigitalSource PrintDigitalSource ProductReturnEnumeration
ProductReturnFiniteReturnWindow ProductReturnNotPermitted ProductReturnPolicy ProductReturnUnlimitedWindow
ProductReturnUnspecified PurchaseType PurchaseTypeLease PurchaseTypeNewPurchase PurchaseTypeTradeIn
PurchaseTypeUsedPurchase ReducedRelevanceForChildrenConsideration RegularPrice Reserved ResetPasswordAction
RuntimePlatform ScreenCaptureDigitalSource SearchRescueOrganization SequentialArt ServicePeriod
SexualContentConsideration ShippingConditions ShippingService StatisticalVariable StrikethroughPrice Syllabus
TextObject TierBenefitEnumeration TierBenefitLoyaltyPoints TierBenefitLoyaltyPrice TierBenefitLoyaltyReturns
TierBenefitLoyaltyShipping TobaccoNicotineConsideration TrainedAlgorithmicMediaDigitalSource True
UnclassifiedAdultConsideration VacationRental ViolenceConsideration VirtualRecordingDigitalSource
WeaponConsideration actionProcess agentInteractionStatistic aggregateElement applicableCountry asin auditDate
authorizedRepresentative cause certificationIdentification certificationRating certificationStatus
checkoutPageURLTemplate colorSwatch companyRegistration constraintProperty consumerNotice courseSchedule data
digitalSourceType displayLocation eligibleWithSupplier errorCode extendedAddress fulfillmentType funding
gameAvailabilityType gameEdition hasAdultConsideration hasCertification hasDigitalProductPassport
hasGS1DigitalLink hasMemberProgram hasParticipationOffer hasProductReturnPolicy hasShippingService
hasSponsorshipOffer hasStore hasTierBenefit hasTierRequirement hasTiers importer incentiveAmount incentiveStatus
incentiveType incentivizedItem incomeLimit isOftenBoughtWith isStoreOn isTierOf iso6523Code itemPopularity
jobDuration legalAddress legalRepresentative legislationAmends legislationCommences legislationCorrects
legislationCountersignedBy legislationDateOfApplicability legislationEnsuresImplementationOf legislationRepeals
lifeEvent measurementDenominator measurementMethod measurementQualifier minimumOrderValue mobileUrl numItems
observationAbout observationPeriod orderPercentage orderValue owner paymentMethodType practicesAt
productReturnDays productReturnLink program pronouns purchasePriceLimit purchaseType qualifiedExpense
recycledContentPercentage referee seasonalOverride shippingConditions shippingOrigin source specification
statType substanceOfConcern syllabusSections timestamp totalHistoricalEnrollment tripOrigin usNPI
validForMemberTier valueGroup variablesMeasured weightPercentage yield 3DModel
"""
_COMPONENTS = """
And-and Class-class Closed-closed Closed-ignoredProperties Datatype-datatype Disjoint-disjoint Equals-equals
Expression-expression HasValue-hasValue In-in LanguageIn-languageIn LessThan-lessThan LessThanOrEquals-lessThanOrEquals
MaxCount-maxCount MaxExclusive-maxExclusive MaxInclusive-maxInclusive MaxLength-maxLength MinCount-minCount
MinExclusive-minExclusive MinInclusive-minInclusive MinLength-minLength Node-node NodeKind-nodeKind Not-not Or-or
Pattern-flags Pattern-pattern Property-property QualifiedMaxCount-qualifiedMaxCount
QualifiedMaxCount-qualifiedValueShape QualifiedMaxCount-qualifiedValueShapesDisjoint
QualifiedMinCount-qualifiedMinCount QualifiedMinCount-qualifiedValueShape
QualifiedMinCount-qualifiedValueShapesDisjoint SPARQL-sparql UniqueLang-uniqueLang Xone-xone
"""
# Shapes of the Advanced Features, in the file that the namespace gives.
_EXPRESSIONS = """
CountExpression DistinctExpression ExistsExpression FilterShapeExpression FocusNodeOrConstantTermExpression
FunctionExpression GroupConcatExpression IfExpression IntersectionExpression LimitExpression MaxExpression
MinExpression MinusExpression NodeExpression OffsetExpression OrderByExpression PathExpression SPARQLAskExpression
SPARQLSelectExpression SumExpression UnionExpression
"""
_SHACL = (
    "JSConstraint-js",
    "Rules",
    *_EXPRESSIONS.split(),
    *(part.replace("-", "ConstraintComponent-") for part in _COMPONENTS.split()),
    *(term.removeprefix(str(SH)) for term in (*shacl_terms.APPLIED, *shacl_terms.WITHOUT_EFFECT)),
    *(term.removeprefix(str(SH)) for term in shacl_terms.NOT_APPLIED),
)

NEWER: frozenset[str] = frozenset(
    f"{namespace}{name}"
    for namespace, names in {
        DCAT: _DCAT.split(),
        RDF: _RDF.split(),
        SDO: _SCHEMA.split(),
        SH: _SHACL,
        XSD: _XSD.split(),
        "http://schema.org/": _SCHEMA.split(),
    }.items()
    for name in names
)
"""IRIs of terms that exist."""

DRAFTS: Mapping[str, str] = {str(term): "SHACL 1.2" for term in shacl_terms.DRAFTS}
"""IRIs of terms of drafts, which may come and go, and the draft."""
